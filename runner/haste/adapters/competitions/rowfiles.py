"""Files that belong to rows: finding them, checking them, and moving them into a view by links."""

import os
import shutil
import stat
from collections.abc import Iterable
from itertools import islice
from pathlib import Path, PurePosixPath

from haste.adapters.competitions.columns import Strings
from haste.adapters.competitions.layout import MANIFEST, Layout
from haste.adapters.competitions.source import Source
from haste.core.competition import Competition, RowFiles
from haste.errors import CompetitionError, WorkspaceError

IMAGES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp"})
_FEW = 20
"""With more folders than this inside, a folder holds one a row."""

_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
"""What a picture's bytes begin with, where its name has no ending."""

SOUNDS = frozenset({".wav", ".mp3", ".ogg", ".flac", ".aif", ".aiff"})


def find_row_files(competition: Competition, source: Source) -> tuple[tuple[RowFiles, ...], list[str]]:
    """Patterns of files per row, e.g. `train_images/{id}.jpg`, each with the reason for believing in it."""
    if competition.id_column not in source.train.columns:
        return (), []
    root = Path(competition.root)
    train = _patterns(root, _some(source.train.text(competition.id_column)))
    test = _patterns(root, _some(source.test.text(competition.id_column)))
    found, reasons = [], []
    for pattern in train:
        match = next((other for other in test if _pair(pattern, other)), None)
        if match:
            files = RowFiles(name=_name(pattern), train=pattern, test=match)
            found.append(files)
            reasons.append(f"files per row: {pattern} and {match} (there is one for every id tried)")
    return tuple(found), reasons


def kind_of(competition: Competition, source: Source) -> str:
    """`image`, `audio`, or the ending of the first file's name, which may be the end of the id."""
    first = str(source.train.text(competition.id_column)[0])
    name = path_of(competition.row_files[0].train, first) or ""
    ending = PurePosixPath(name).suffix.lower()
    if ending in IMAGES or (not ending and _is_picture(Path(competition.root) / name)):
        return "image"
    return "audio" if ending in SOUNDS else ending[1:] or "file"


def left_out(competition: Competition, layout: Layout, row_files: tuple[RowFiles, ...]) -> list[str]:
    """What stands in the public folder and is given to no view, as a line to show."""
    used = {competition.train, competition.test, competition.sample, layout.description, MANIFEST}
    used |= {Path(competition.answers).name} if competition.answers else set()
    used |= {PurePosixPath(p).parts[0] for f in row_files for p in (f.train, f.test)}
    used |= {PurePosixPath(name).parts[0] for name in competition.shared_files}
    names = sorted(p.name for p in layout.public.iterdir() if p.name not in used and not p.name.startswith("."))
    names = [n for n in names if n not in ("private", "public", "prepared")]
    if not names:
        return []
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return [f"left out of views: {shown} (name under `shared_files` what holds no labels)"]


def lacking(competition: Competition, source: Source) -> list[str]:
    """One line for each pattern that has rows without a file."""
    root, lines = Path(competition.root), []
    for files in competition.row_files:
        for what, pattern, table in (("training", files.train, source.train), ("test", files.test, source.test)):
            ids = table.text(competition.id_column)
            absent = [str(i) for i in ids if not _is_there(root, path_of(pattern, str(i)))]
            if absent:
                lines.append(f"{len(absent)} of {len(ids)} {what} rows have no file {pattern}, first {absent[0]!r}")
    return lines


def path_of(pattern: str, row: str) -> str | None:
    """The file of a row, relative to the folder; None when the id would lead out of it."""
    path = PurePosixPath(pattern.replace("{id}", row))
    unsafe = "\0" in row or path.is_absolute() or ".." in path.parts or not row
    return None if unsafe else str(path)


class Mover:
    """Puts files of rows into views: hard links to the originals, or to one pool copy across file systems."""

    def __init__(self, root: Path, pool: Path) -> None:
        self.root = root.resolve()
        self.pool = pool
        self._inside: dict[Path, bool] = {}
        self._linking = True

    def move(self, pairs: Iterable[tuple[str, str]], folder: Path) -> None:
        """Make `folder/target` the same file as `root/source`, for every pair."""
        made: set[Path] = set()
        for source, target in sorted(pairs, key=lambda pair: pair[1]):
            place = folder / target
            if place.parent not in made:
                place.parent.mkdir(parents=True, exist_ok=True)
                made.add(place.parent)
            self._link(self._regular(source), place)

    def _regular(self, name: str) -> Path:
        path = self.root / name
        inside = self._inside.get(path.parent)
        if inside is None:
            inside = self._inside[path.parent] = path.parent.resolve().is_relative_to(self.root)
        try:
            regular = stat.S_ISREG(path.lstat().st_mode)
        except OSError:
            regular = False
        if not (inside and regular):
            raise CompetitionError(self.root.name, [f"{name} is gone, or is no plain file in the folder"])
        return path

    def _link(self, source: Path, place: Path) -> None:
        if self._linking:
            try:
                os.link(source, place, follow_symlinks=False)
                return
            except OSError:
                self._linking = False
        try:
            os.link(self._pooled(source), place)
        except OSError as error:
            raise WorkspaceError(
                f"can't link {place}: {error.strerror}", hint="the workspace needs a file system with hard links"
            ) from error

    def _pooled(self, source: Path) -> Path:
        copy, original = self.pool / source.relative_to(self.root), source.stat()
        if copy.exists():
            kept = copy.stat()
            if (kept.st_size, kept.st_mtime_ns) == (original.st_size, original.st_mtime_ns):
                return copy
        copy.parent.mkdir(parents=True, exist_ok=True)
        partial = copy.with_name(f".{copy.name}.{os.getpid()}")
        shutil.copyfile(source, partial)
        os.utime(partial, ns=(original.st_mtime_ns, original.st_mtime_ns))
        partial.replace(copy)
        return copy


def _is_picture(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(8).startswith(_PICTURES)


def _some(ids: Strings) -> list[str]:
    return [str(i) for i in (*ids[:25], *ids[len(ids) // 2 : len(ids) // 2 + 5], *ids[-5:])]


def _patterns(root: Path, ids: list[str]) -> list[str]:
    found: list[str] = []
    for folder in _folders(root):
        relative = folder.relative_to(root).as_posix()
        for tail in _tails(folder, ids[0]):
            pattern = f"{relative}/{tail}"
            if all(_is_there(root, path_of(pattern, i)) for i in ids):
                found.append(pattern)
    return found


def _folders(root: Path) -> list[Path]:
    top = [
        p for p in _inner(root) if not p.name.startswith(".") and p.name not in ("private", "prepared", "public")
    ]
    below = []
    for folder in top:
        inside = _inner(folder, _FEW + 1)
        below += inside if len(inside) <= _FEW else []
    return top + below


def _inner(folder: Path, most: int | None = None) -> list[Path]:
    with os.scandir(folder) as entries:
        found = (Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))
        return sorted(islice(found, most))


def _tails(folder: Path, row: str) -> list[str]:
    if path_of("{id}", row) is None:
        return []
    own = folder / row
    if own.is_dir():
        return [f"{{id}}/{p.name}" for p in sorted(own.iterdir()) if p.is_file()][:8]
    tails = ["{id}"] if own.is_file() else []
    endings: dict[str, None] = {}
    with os.scandir(folder) as entries:
        for number, entry in enumerate(entries):
            endings.setdefault("".join(PurePosixPath(entry.name).suffixes[-1:]))
            if number >= 500:
                break
    return tails + [f"{{id}}{e}" for e in sorted(endings) if e and (folder / f"{row}{e}").is_file()]


def _pair(train: str, test: str) -> bool:
    if train == test:
        return True
    return train.lower().replace("training", "train").replace("train", "test") == test.lower()


def _name(pattern: str) -> str:
    path = PurePosixPath(pattern)
    if "{id}" in path.name:
        return {**dict.fromkeys(IMAGES, "image"), **dict.fromkeys(SOUNDS, "sound")}.get(
            path.suffix.lower(), path.suffix[1:] or "file"
        )
    return path.stem


def _is_there(root: Path, name: str | None) -> bool:
    return name is not None and (root / name).is_file() and not (root / name).is_symlink()
