"""Files that are whole or not there, and still there after a power cut."""

import os
import tempfile
from pathlib import Path


def write_synced(path: Path, data: bytes, root: Path) -> None:
    """Write a file whole: beside its place, synced, moved there. Folders up to `root` are synced too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent, root)


def sync_folder(folder: Path, root: Path) -> None:
    """Sync a folder and those above it, up to `root`: a new file is lost with the entry that names it."""
    for each in (folder, *folder.parents):
        descriptor = os.open(each, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if each == root:
            return
