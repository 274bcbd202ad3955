"""Which level there is on this machine, and the sandbox at it."""

import sys

from haste.adapters.sandbox.levels import Bare, Bubblewrap, Level, LevelName, bubblewrap_trouble, landlock_trouble
from haste.adapters.sandbox.pool import ProcessSandbox
from haste.errors import SandboxError, UsageError

INSTALL_HINT = "install bubblewrap (`apt install bubblewrap`), or accept the risk with --unsafe-exec"
ELSEWHERE_HINT = "use a Linux machine or virtual machine, or accept the risk with --unsafe-exec"


def open_sandbox(
    *, unsafe_exec: bool = False, cold_start: bool = False, level: str | None = None
) -> ProcessSandbox:
    """The best sandbox this machine can hold, or the one that is named.

    Raises SandboxError where there is none and `unsafe_exec` was not given.
    """
    return ProcessSandbox(_level(best_level(unsafe_exec=unsafe_exec, level=level)), cold_start=cold_start)


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
    hint = INSTALL_HINT if sys.platform == "linux" else ELSEWHERE_HINT
    raise SandboxError(f"no sandbox can be had here: {reasons}", hint=hint)


def _named(level: str, troubles: dict[LevelName, str], *, unsafe_exec: bool) -> LevelName:
    for name, trouble in troubles.items():
        if name == level:
            if trouble:
                raise SandboxError(f"the sandbox level {name} can't be had here: {trouble}", hint=INSTALL_HINT)
            return name
    if level != "none":
        raise UsageError(f"there is no sandbox level {level!r}", hint="bubblewrap, landlock or none")
    if not unsafe_exec:
        raise SandboxError(
            "running without a sandbox was not allowed", hint="give --unsafe-exec to accept the risk"
        )
    return "none"


def _level(name: LevelName) -> Level:
    return Bubblewrap() if name == "bubblewrap" else Bare(name)
