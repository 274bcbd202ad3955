"""Which GPUs there are, and which of them an evaluation gets."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

DRIVER = Path("/proc/driver/nvidia/gpus")


def gpu_names(driver: Path = DRIVER) -> tuple[str, ...]:
    """The models of the GPUs here, in the order of their bus addresses, as the driver tells them."""
    if not driver.is_dir():
        return ()
    return tuple(_model(folder / "information") for folder in sorted(driver.iterdir()))


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
