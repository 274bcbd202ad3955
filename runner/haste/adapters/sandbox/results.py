"""What a script left behind: moved, read and removed without ever following where it points."""

import os
import secrets
import shutil
import stat
from pathlib import Path

from haste.core.solution import Failure, FailureKind


def open_result(work: Path, name: str, limit_bytes: int) -> bytes | Failure:
    """The bytes of a file that a script wrote, if it is a plain file of its own and not too large."""
    try:
        folder = os.open(work, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        return Failure(kind=FailureKind.SANDBOX_BROKE, message=f"the work folder can't be read: {error.strerror}")
    try:
        return _read(folder, name, limit_bytes)
    finally:
        os.close(folder)


def _read(folder: int, name: str, limit_bytes: int) -> bytes | Failure:
    if name != Path(name).name or name in ("", ".", ".."):
        return Failure(kind=FailureKind.NO_SUBMISSION, message=f"{name!r} is not a file name")
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if not stat.S_ISREG(facts.st_mode):
            return Failure(kind=FailureKind.NO_SUBMISSION, message=f"{name} is {_kind(facts.st_mode)}, not a file")
        descriptor = os.open(name, flags, dir_fd=folder)
    except FileNotFoundError:
        return Failure(kind=FailureKind.NO_SUBMISSION, message=f"the script wrote no {name}")
    except OSError as error:
        return Failure(kind=FailureKind.NO_SUBMISSION, message=f"{name} can't be read: {error.strerror}")
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            return Failure(kind=FailureKind.NO_SUBMISSION, message=f"{name} is {_kind(facts.st_mode)}, not a file")
        if facts.st_nlink != 1:
            return Failure(kind=FailureKind.NO_SUBMISSION, message=f"{name} is a hard link to another file")
        data = file.read(limit_bytes + 1) if facts.st_size <= limit_bytes else b""
    if facts.st_size > limit_bytes or len(data) > limit_bytes:
        message = f"{name} has {facts.st_size:,} bytes, {limit_bytes:,} are allowed"
        return Failure(kind=FailureKind.TOO_LARGE, message=message)
    return data


def _kind(mode: int) -> str:
    names = {
        stat.S_IFDIR: "a folder",
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFBLK: "a device",
        stat.S_IFCHR: "a device",
    }
    return names.get(stat.S_IFMT(mode), "something else")


def hand_over(source: Path, target: Path) -> None:
    """Move a work folder, as it is, to where it is wanted; what an earlier script left there goes."""
    source.chmod(0o700)
    target.parent.mkdir(parents=True, exist_ok=True)
    remove_tree(target)
    try:
        source.rename(target)
    except OSError:
        target.mkdir()
        for entry in os.scandir(source):
            if entry.is_file(follow_symlinks=False):
                shutil.copyfile(entry.path, target / entry.name, follow_symlinks=False)
        remove_tree(source)


def remove_tree(folder: Path) -> None:
    """Remove a folder and all in it, however deep it is nested and whatever modes its folders have."""
    if os.path.lexists(folder):
        empty_folder(folder)
        folder.rmdir()


def empty_folder(folder: Path) -> None:
    """Remove everything in a folder. Deep trees are unrolled to its top level, so depth costs nothing."""
    folder.chmod(0o700)
    prefix, unrolled = f".{secrets.token_hex(8)}", 0
    while entries := [entry.name for entry in os.scandir(folder)]:
        for name in entries:
            path = folder / name
            if not stat.S_ISDIR(path.lstat().st_mode):
                path.unlink()
                continue
            path.chmod(0o700)
            for child in os.scandir(path):
                if child.is_dir(follow_symlinks=False):
                    Path(child.path).chmod(0o700)
                    unrolled += 1
                    Path(child.path).rename(folder / f"{prefix}-{unrolled}")
                else:
                    Path(child.path).unlink()
            path.rmdir()
