"""What holds a script: mounts and namespaces (bubblewrap), rules it can't shed (Landlock), or nothing."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

from haste.adapters.sandbox import libraries
from haste.adapters.sandbox.environment import script_environment
from haste.adapters.sandbox.gpus import GpuProbe, NvidiaProbe, gpu_devices
from haste.adapters.sandbox.inside import landlock, seccomp
from haste.adapters.sandbox.inside.messages import Plan, pack

LevelName = Literal["bubblewrap", "landlock", "none"]

INSIDE = Path(__file__).parent / "inside"
START = "import sys; sys.path[0] = sys.argv.pop(1); from inside.warm import main; del sys.path[0]; main()"
ROOM = "/run/haste"
MEMORY_FOLDER_BYTES = 4 * 2**30
SYSTEM_FACTS = ("/sys/devices/system", "/sys/kernel/mm/transparent_hugepage")
GPU_FACTS = ("/sys/bus/pci", "/sys/devices", "/sys/module", "/sys/class/drm")


@dataclass(frozen=True)
class Wish:
    """What a warm process is wanted for."""

    shelf: Path
    """The folder that holds the views it may be given; one view alone where no rule could tell views apart."""
    identity: tuple[int, int]
    """Device and inode of the shelf: another folder of the same name is another shelf."""
    staging: Path
    """A folder of the runner's, whose `here` is the script's work folder while it runs."""
    threads: int
    imports: tuple[str, ...]
    fresh_interpreter: bool


@dataclass(frozen=True)
class Launch:
    """A command line, its environment, and where the shelf of views is, seen from inside."""

    arguments: list[str]
    environment: dict[str, str]
    shelf: str


class Level(Protocol):
    """One way of holding a script."""

    @property
    def name(self) -> LevelName:
        """Its name in the log."""
        ...

    def shelf(self, view: Path) -> Path:
        """The folder that a warm process for this view is given: with its neighbours where those are fenced off."""
        ...

    def launch(self, wish: Wish, *, control: int, told: int) -> Launch:
        """How to start a warm process; `control` and `told` are descriptors it inherits."""
        ...


class Bubblewrap:
    """Namespaces of its own for everything: the script sees only what is mounted, and no network at all."""

    name: LevelName = "bubblewrap"

    def __init__(self, gpus: GpuProbe | None = None) -> None:
        self._devices = (gpus or NvidiaProbe()).devices()

    def shelf(self, view: Path) -> Path:
        """The views beside this one too, where Landlock keeps a script to its own: one process serves them all."""
        return view.parent if landlock.abi() else view

    def launch(self, wish: Wish, *, control: int, told: int) -> Launch:
        """A warm process as the first of its process namespace: when it ends, so does everything it started."""
        plan = Plan(
            control=control,
            confinement="bubblewrap",
            imports=wish.imports,
            work=f"{ROOM}/desk/here",
            temporary="/tmp",  # noqa: S108  (the sandbox's own)
            memory_folders=("/tmp", "/dev/shm"),  # noqa: S108
            readable=(f"{ROOM}/code", "/etc", *map(str, libraries.readable())),
            devices=tuple(map(str, self._devices)),
            fresh_interpreter=wish.fresh_interpreter,
        )
        arguments = [
            _bwrap(),
            *profile(self._devices),
            "--info-fd",
            str(told),
            "--ro-bind",
            str(wish.shelf),
            f"{ROOM}/views",
        ]
        arguments += ["--bind", str(wish.staging), f"{ROOM}/desk", "--remount-ro", "/", "--chdir", "/"]
        return Launch(
            [*arguments, "--", *_python(f"{ROOM}/code", plan)],
            script_environment(wish.threads, plan.temporary),
            f"{ROOM}/views",
        )


class Bare:
    """A plain process: with Landlock and a call filter around each script, or with nothing."""

    def __init__(self, name: LevelName, gpus: GpuProbe | None = None) -> None:
        self.name: LevelName = name
        self._devices = (gpus or NvidiaProbe()).devices()

    def shelf(self, view: Path) -> Path:
        """The views beside this one too: what a script may read is settled after the fork."""
        return view.parent

    def launch(self, wish: Wish, *, control: int, told: int) -> Launch:  # noqa: ARG002  (its pid is known)
        """A warm process whose scripts fence themselves in after the fork."""
        plan = Plan(
            control=control,
            confinement="landlock" if self.name == "landlock" else "none",
            imports=wish.imports,
            work=str(wish.staging / "here"),
            readable=tuple(map(str, libraries.readable())),
            devices=tuple(map(str, self._devices)),
            fresh_interpreter=wish.fresh_interpreter,
        )
        environment = script_environment(wish.threads, "")
        if self.name == "landlock":
            # /dev/shm would be shared with every other view, and without it joblib must not try.
            environment["JOBLIB_MULTIPROCESSING"] = "0"
        return Launch(_python(str(INSIDE.parent), plan), environment, str(wish.shelf))


def _python(folder: str, plan: Plan) -> list[str]:
    return [sys.executable, "-s", "-c", START, folder, pack(plan).decode().strip()]


def _bwrap() -> str:
    return shutil.which("bwrap") or "bwrap"


@cache
def profile(gpus: tuple[Path, ...] = ()) -> tuple[str, ...]:
    """Everything of the sandbox that doesn't depend on the view. `gpus` are device files to be bound."""
    known = bwrap_options()
    namespaces = ["--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534"]
    namespaces += ["--disable-userns"] if "--disable-userns" in known else []
    namespaces += ["--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL", "--hostname", "haste"]
    size = ["--size", str(MEMORY_FOLDER_BYTES)] if "--size" in known else []
    mounts = ["--proc", "/proc", "--dev", "/dev", *size, "--tmpfs", "/dev/shm", *size, "--tmpfs", "/tmp"]  # noqa: S108
    for device in gpus:
        mounts += ["--dev-bind-try", str(device), str(device)]
    mounts += ["--remount-ro", "/dev"]
    for path in libraries.system_folders():
        top_link = path.is_symlink() and path.parent == Path("/")
        mounts += ["--symlink", str(path.readlink()), str(path)] if top_link else _read_only(path)
    for path in (*libraries.system_files(), *libraries.interpreter_folders()):
        mounts += _read_only(path)
    for name in (*SYSTEM_FACTS, *(GPU_FACTS if gpus else ())):
        mounts += ["--ro-bind-try", name, name]
    mounts += _read_only(INSIDE, f"{ROOM}/code/inside")
    for name in ("passwd", "group"):
        mounts += _read_only(INSIDE / "etc" / name, f"/etc/{name}")
    return (*namespaces, *mounts)


def _read_only(path: Path, target: str = "") -> list[str]:
    return ["--ro-bind-try", str(path), target or str(path)]


@cache
def bwrap_options() -> str:
    """What the installed bubblewrap says about itself; empty where there is none."""
    return _said([_bwrap(), "--help"])[1]


def bwrap_version() -> str:
    """The version of the installed bubblewrap."""
    return _said([_bwrap(), "--version"])[1].strip()


@cache
def bubblewrap_trouble() -> str:
    """Why bubblewrap can't be used here; empty where it can."""
    if sys.platform != "linux":
        return "bubblewrap needs Linux"
    if shutil.which("bwrap") is None:
        return "bwrap is not installed"
    command = [
        _bwrap(),
        *profile(gpu_devices()),
        "--remount-ro",
        "/",
        "--",
        sys.executable,
        "-I",
        "-S",
        "-c",
        "print('held')",
    ]
    code, said = _said(command)
    return "" if code == 0 and "held" in said else (said.strip().splitlines() or [f"exit code {code}"])[-1]


def landlock_trouble() -> str:
    """Why Landlock with a call filter can't be used here; empty where it can."""
    if sys.platform != "linux":
        return "Landlock needs Linux"
    if landlock.abi() == 0:
        return "this kernel has no Landlock, or it is switched off"
    return "" if seccomp.known_machine() else "no table of system calls for this processor"


def _said(command: Sequence[str]) -> tuple[int, str]:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL, env={}, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 1, str(error)
    return done.returncode, done.stdout + done.stderr
