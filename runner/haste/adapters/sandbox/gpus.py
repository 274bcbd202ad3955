"""Which GPUs there are, and which of them an evaluation gets."""

import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

DRIVER = Path("/proc/driver/nvidia/gpus")


class GpuProbe(Protocol):
    """Says which GPUs there are."""

    def names(self) -> tuple[str, ...]:
        """Their models, in the order of their bus addresses, which is the order of their numbers."""
        ...

    def devices(self) -> tuple[Path, ...]:
        """The device files that a script needs to use one."""
        ...


class NvidiaProbe:
    """Asks the driver's own files, and where a container hides those, `nvidia-smi`."""

    def names(self) -> tuple[str, ...]:
        """The models that the driver tells."""
        return gpu_names() or (told_by_nvidia_smi() if self.devices() else ())

    def devices(self) -> tuple[Path, ...]:
        """`/dev/nvidia*`."""
        return gpu_devices()


@dataclass(frozen=True)
class FakeGpus:
    """GPUs that are said to be there: for trying what is assigned to whom on a machine without any."""

    models: tuple[str, ...]
    files: tuple[Path, ...] = ()

    def names(self) -> tuple[str, ...]:
        """What was said."""
        return self.models

    def devices(self) -> tuple[Path, ...]:
        """What was said."""
        return self.files


def gpu_names(driver: Path = DRIVER) -> tuple[str, ...]:
    """The models of the GPUs here, in the order of their bus addresses, as the driver tells them."""
    if not driver.is_dir():
        return ()
    return tuple(_model(folder / "information") for folder in sorted(driver.iterdir()))


def told_by_nvidia_smi(command: str = "nvidia-smi") -> tuple[str, ...]:
    """The models that this program lists; none where it is missing, broken or silent."""
    asked = [command, "--query-gpu=name", "--format=csv,noheader"]
    try:
        done = subprocess.run(
            asked, capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(line.strip() for line in done.stdout.splitlines() if line.strip())


def gpu_devices(folder: Path = Path("/dev")) -> tuple[Path, ...]:
    """The device files a script needs to use a GPU."""
    return tuple(sorted(folder.glob("nvidia*")))


def _model(information: Path) -> str:
    lines = information.read_text(errors="replace").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("Model:")), "NVIDIA GPU")


class GpuShare:
    """Gives each evaluation the GPU that the fewest others use."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._in_use: Counter[int] = Counter()
        self._lock = Lock()

    @contextmanager
    def one(self) -> Iterator[str]:
        """The number of a GPU for as long as the block runs; empty where there is none."""
        if self._count == 0:
            yield ""
            return
        with self._lock:
            number = min(range(self._count), key=lambda gpu: (self._in_use[gpu], gpu))
            self._in_use[number] += 1
        try:
            yield str(number)
        finally:
            with self._lock:
                self._in_use[number] -= 1
