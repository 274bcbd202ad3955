"""What a script may read beyond its view: the interpreter, the libraries it finds, and the system's own."""

import site
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

INTERPRETER_PARTS = ("bin", "lib", "lib64", "pyvenv.cfg")
LIBRARY_NAMES = ("site-packages", "dist-packages")
SYSTEM_FOLDERS = (
    *("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"),
    *("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/libexec", "/usr/share"),
    *("/usr/local/bin", "/usr/local/lib", "/usr/local/lib64", "/usr/local/nvidia"),
    *("/nix/store", "/gnu/store"),
)
"""Not all of /usr: containers like to put people's own work into /usr/src and its like."""
SYSTEM_FILES = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/localtime",
    "/etc/fonts",
    "/etc/OpenCL",
)


@cache
def interpreter_folders() -> tuple[Path, ...]:
    """The virtual environment's and its interpreter's folders: of each only what holds programs and libraries.

    An environment may stand in the middle of a home or a workspace, so its parent is never among them.
    """
    prefixes = {Path(prefix) for prefix in (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)}
    found = [prefix / part for prefix in sorted(prefixes) for part in INTERPRETER_PARTS]
    found += [*interpreter_links(), *extra_libraries()]
    return tuple(dict.fromkeys(path for path in _with_targets(found) if path.exists() and not _in_system(path)))


def interpreter_links(executable: Path = Path(sys.executable)) -> Iterator[Path]:
    """Every link on the way to the real interpreter, with the libraries of the place it stands in."""
    seen: set[Path] = set()
    while executable.is_symlink() and executable not in seen:
        seen.add(executable)
        executable = executable.parent / executable.readlink()
        prefix = executable.parent.parent
        if (prefix / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}").is_dir():
            yield from (prefix / part for part in INTERPRETER_PARTS)
        else:
            yield executable


@cache
def extra_libraries() -> tuple[Path, ...]:
    """Library folders on this process's path that a plain start of the interpreter would not find."""
    known = {Path(folder).resolve() for folder in site.getsitepackages()}
    folders = [Path(entry) for entry in sys.path if Path(entry).name in LIBRARY_NAMES]
    return tuple(folder for folder in folders if folder.is_dir() and folder.resolve() not in known)


def system_folders() -> tuple[Path, ...]:
    """The system's programs and libraries, links among them left as they are."""
    return tuple(path for path in map(Path, SYSTEM_FOLDERS) if path.exists())


def system_files() -> tuple[Path, ...]:
    """The few files of /etc that the dynamic loader and the time zone need; none of them tells who is here."""
    return tuple(path for path in map(Path, SYSTEM_FILES) if path.exists())


def _with_targets(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield path
        if path.exists() and path.resolve() != path:
            yield path.resolve()


def _in_system(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in SYSTEM_FOLDERS)


def readable() -> tuple[Path, ...]:
    """Everything that every script may read."""
    return (*system_folders(), *system_files(), *interpreter_folders())


def exposed(path: Path) -> Path | None:
    """The readable folder that a path lies in, if it does: such a path can't be kept from scripts."""
    return next((folder for folder in readable() if path.resolve().is_relative_to(folder.resolve())), None)
