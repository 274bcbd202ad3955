"""The forked child: fences itself in, and then runs the script as if a fresh interpreter had started it."""

import atexit
import contextlib
import faulthandler
import linecache
import os
import resource
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, TracebackType
from typing import NoReturn

from . import fits, kernel, landlock, seccomp
from .messages import Order, Plan

SCRIPT = "solution.py"
DESCRIPTORS = 1024
PUBLIC_PROC = (
    "cpuinfo",
    "meminfo",
    "stat",
    "loadavg",
    "uptime",
    "version",
    "filesystems",
    "sys/vm",
    "driver/nvidia",
)
PLAIN_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
SYSTEM_FACTS = (
    "/sys/devices/system",
    "/sys/kernel/mm/transparent_hugepage",
    "/sys/fs/cgroup/cpu",
    "/sys/fs/cgroup/cpuset",
    "/sys/fs/cgroup/cpu.max",
    "/sys/fs/cgroup/memory.max",
)


def become(plan: Plan, order: Order, output: int, trouble: int) -> NoReturn:
    """Turn this process, fresh from the fork, into the script. What goes wrong before is written to `trouble`."""
    try:
        _settle(plan, order, output)
        _confine(plan, order.view)
    except BaseException as error:  # noqa: BLE001  (whatever it was, the script must not start unfenced)
        os.write(trouble, f"{type(error).__name__}: {error}".encode())
        os._exit(1)
    os.close(trouble)
    if plan.fresh_interpreter:
        os.execv(sys.executable, [sys.executable, "-s", "-u", "-X", "faulthandler", SCRIPT])  # noqa: S606
    os._exit(_run(Path(plan.work)))


def _settle(plan: Plan, order: Order, output: int) -> None:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        kernel.set_traceable(True)
        kernel.die_with_parent(signal.SIGKILL)
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(nothing)
    os.close(output)
    os.chdir(plan.work)
    os.environ["HOME"] = plan.work
    os.environ["TMPDIR"] = plan.temporary or plan.work
    os.environ["CUDA_VISIBLE_DEVICES"] = order.gpu
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (order.file_bytes, order.file_bytes))
    _lower(resource.RLIMIT_NOFILE, DESCRIPTORS)


def _lower(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (value, value))


def _confine(plan: Plan, view: str) -> None:
    """Close what is still open, from the widest to the narrowest; nothing here can be undone."""
    if plan.confinement == "none":
        return
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        raise RuntimeError("a library left a thread running, which no fence would reach")
    mounts = plan.confinement == "bubblewrap"
    signals_fenced = landlock.abi() >= landlock.SCOPES_SINCE
    if mounts and landlock.abi():
        private = [plan.work, *plan.memory_folders]
        landlock.fence(
            readable=[view, "/proc", "/sys", "/dev"],
            executable=plan.readable,
            writable=[*private, *PLAIN_DEVICES, *plan.devices],
            shut_tcp=False,
        )
    elif not mounts:
        kernel.drop_capabilities()
        proc = [f"/proc/{name}" for name in PUBLIC_PROC]
        landlock.fence(
            readable=[view, f"/proc/{os.getpid()}", *proc, *SYSTEM_FACTS],
            executable=plan.readable,
            writable=[plan.work, *PLAIN_DEVICES, *plan.devices],
            shut_tcp=True,
        )
    if seccomp.known_machine():
        families = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6) if mounts else ()
        seccomp.install(families=families, only_own_signals=not mounts and not signals_fenced, pretend=not mounts)


def _run(work: Path) -> int:
    """Run the script as `__main__`, and the exit hooks after it; gives the exit code."""
    path = work / SCRIPT
    sys.argv[:] = [SCRIPT]
    sys.path.insert(0, str(work))
    for name in [name for name in sys.modules if name.partition(".")[0] == "inside"]:
        del sys.modules[name]
    _fresh_streams()
    faulthandler.enable()
    _forget()
    fits.adopt(work, SCRIPT)
    savings = fits.counted()
    main = ModuleType("__main__")
    vars(main).update(__file__=str(path), __builtins__=__builtins__)
    sys.modules["__main__"] = main
    code = _call(lambda: exec(compile(path.read_bytes(), SCRIPT, "exec", dont_inherit=True), vars(main)))  # noqa: S102
    for hooks in (threading._shutdown, atexit._run_exitfuncs):  # type: ignore[attr-defined]
        code = _call(hooks) or code
    savings.note(work)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    return code


def _fresh_streams() -> None:
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]


def _forget() -> None:
    """A fork inherits numpy's generator and where temporary files go; a fresh interpreter would ask."""
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    if tempfile := sys.modules.get("tempfile"):
        vars(tempfile)["tempdir"] = None


def _call(function: Callable[[], object]) -> int:
    try:
        function()
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return (error.code or 0) & 0xFF
        print(error.code, file=sys.stderr)  # noqa: T201
        return 1
    except BaseException as error:  # noqa: BLE001  (the script's error, whatever it is, belongs into its output)
        linecache.checkcache()
        error.__traceback__ = _own_frames(error.__traceback__)
        traceback.print_exception(error)
        return 1
    return 0


def _own_frames(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the script's first line on: the frames that started it are of no use to its author."""
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace
