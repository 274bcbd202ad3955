"""What scripts keep for those that run after them on the same view: fits that nothing changed for.

The folder lies beside the view and is a script's to write only while it runs. Each view has its own: what was
fitted on the rows of one fold never reaches a script that is scored on them.
"""

import contextlib
import math
from pathlib import Path

from haste.adapters.sandbox.inside.fits import FOLDER, NOTE
from haste.adapters.sandbox.inside.watch import TooManyEntriesError, folder_bytes
from haste.adapters.sandbox.results import open_result, remove_tree

MOST_BYTES = 256 * 2**20
"""What may be kept for a view; a folder that outgrows it is begun anew."""


def lay_out(view: Path, work: Path) -> None:
    """Put what earlier scripts kept into the work folder of the next one."""
    with contextlib.suppress(OSError):
        _kept(view).rename(work / FOLDER)
        (work / FOLDER / NOTE).unlink(missing_ok=True)


def put_by(work: Path, view: Path) -> float:
    """Take the folder out of the work folder, and keep it; gives the seconds that it saved the script."""
    folder = work / FOLDER
    if folder.is_symlink() or not folder.is_dir():
        return 0.0
    saved = _saved(folder)
    try:
        if folder_bytes(str(folder)) <= MOST_BYTES:
            folder.rename(_kept(view))
    except (OSError, TooManyEntriesError):
        pass
    if folder.exists():
        remove_tree(folder)
    return saved


def _kept(view: Path) -> Path:
    return view.parent / f".{view.name}.{FOLDER}"


def _saved(folder: Path) -> float:
    said = open_result(folder, NOTE, 64)
    try:
        seconds = float(said) if isinstance(said, bytes) else 0.0
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0.0 else 0.0
