"""Which level there is on this machine, and the sandbox at it."""

import shutil
import sys

from haste.adapters.sandbox.levels import Bare, Bubblewrap, Level, LevelName, bubblewrap_trouble, landlock_trouble
from haste.adapters.sandbox.pool import ProcessSandbox
from haste.errors import SandboxError, UsageError

INSTALL = "install bubblewrap (`apt install bubblewrap`)"
ALLOW = (
    "let bubblewrap make user namespaces: `sysctl kernel.apparmor_restrict_unprivileged_userns=0` on Ubuntu, "
    "`sysctl kernel.unprivileged_userns_clone=1` on Debian, `--security-opt seccomp=unconfined` in a container"
)
ELSEWHERE = "use a Linux machine or virtual machine"
RISK = "or accept the risk with --unsafe-exec"


def how_to_mend() -> str:
    """What would make the best level available here."""
    if sys.platform != "linux":
        return ELSEWHERE
    return ALLOW if shutil.which("bwrap") else INSTALL


def open_sandbox(
    *, unsafe_exec: bool = False, cold_start: bool = False, level: str | None = None
) -> ProcessSandbox:
    """The best sandbox this machine can hold, or the one that is named.

    Raises SandboxError where there is none and `unsafe_exec` was not given.
    """
    return ProcessSandbox(level_of(best_level(unsafe_exec=unsafe_exec, level=level)), cold_start=cold_start)


def best_level(*, unsafe_exec: bool, level: str | None = None) -> LevelName:
    """The name of the level that `open_sandbox` would use."""
    troubles: dict[LevelName, str] = {"bubblewrap": bubblewrap_trouble(), "landlock": ""}
    if level is None and not troubles["bubblewrap"]:
        return "bubblewrap"
    troubles["landlock"] = landlock_trouble()
    if level is not None:
        return _named(level, troubles, unsafe_exec=unsafe_exec)
    if not troubles["landlock"]:
        return "landlock"
    if unsafe_exec:
        return "none"
    reasons = "; ".join(dict.fromkeys(troubles.values()))
    raise SandboxError(f"no sandbox can be had here: {reasons}", hint=f"{how_to_mend()}, {RISK}")


def _named(level: str, troubles: dict[LevelName, str], *, unsafe_exec: bool) -> LevelName:
    for name, trouble in troubles.items():
        if name == level:
            if trouble:
                raise SandboxError(f"the sandbox level {name} can't be had here: {trouble}", hint=how_to_mend())
            return name
    if level != "none":
        raise UsageError(f"there is no sandbox level {level!r}", hint="bubblewrap, landlock or none")
    if not unsafe_exec:
        raise SandboxError(
            "running without a sandbox was not allowed", hint="give --unsafe-exec to accept the risk"
        )
    return "none"


def level_of(name: LevelName) -> Level:
    """The level of this name."""
    return Bubblewrap() if name == "bubblewrap" else Bare(name)
