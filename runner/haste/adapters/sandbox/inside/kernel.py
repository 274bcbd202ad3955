"""Linux calls that the standard library has no name for."""

import ctypes
import os
from functools import cache

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
CAPABILITY_VERSION_3 = 0x20080522


@cache
def libc() -> ctypes.CDLL:
    """The C library this process already has."""
    return ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> int:
    """The result of a C call, or the OSError it stands for."""
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(what: str, number: int, *arguments: object) -> int:
    """A system call by its number."""
    return check(libc().syscall(ctypes.c_long(number), *arguments), what)


def prctl(what: str, option: int, first: int = 0, second: int = 0) -> int:
    """A process control call."""
    longs = [ctypes.c_ulong(value) for value in (first, second, 0, 0)]
    return check(libc().prctl(ctypes.c_int(option), *longs), what)


def die_with_parent(signal_number: int) -> None:
    """Have the kernel signal this process when the thread that started it is gone."""
    prctl("die with parent", PR_SET_PDEATHSIG, signal_number)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose parent dies: nothing can slip out by forking twice."""
    prctl("adopt orphans", PR_SET_CHILD_SUBREAPER, 1)


def set_traceable(traceable: bool) -> None:
    """Open or close this process's memory and environment to others of the same user."""
    prctl("set traceable", PR_SET_DUMPABLE, int(traceable))


def forbid_new_privileges() -> None:
    """Make set-uid files harmless; Landlock and seccomp ask for it."""
    prctl("forbid new privileges", PR_SET_NO_NEW_PRIVS, 1)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def drop_capabilities() -> None:
    """Give up every capability, for good; root is then an ordinary user who owns root's files."""
    for capability in range(64):
        try:
            prctl("drop capability", PR_CAPBSET_DROP, capability)
        except OSError:
            break
    prctl("clear ambient capabilities", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = _CapabilityHeader(CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    check(libc().capset(ctypes.byref(header), ctypes.byref(nothing)), "drop capabilities")
