"""Skills in folders on disk: read without following links, linted, written for other programs to use."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from haste.adapters.skill_files import place_of
from haste.adapters.skill_tree import check_folder
from haste.core.lint import LARGEST_FILE, MOST_FILES, SKILL_FILE, Entry, Problem, check_names
from haste.core.recipe_rules import Known
from haste.errors import UsageError

_MOST_SKILLS = 5_000
_DEEPEST = 6


def read_folder(folder: Path) -> list[Entry]:
    """The files of one skill's folder; links are told and not followed, large files not read."""
    return [_entry(folder, path) for path in _walk(folder, MOST_FILES * 5)]


def skill_folders(root: Path) -> list[Path]:
    """Every folder under `root` that holds a `SKILL.md`, sorted; `root` itself, where it is one."""
    found = [path.parent for path in _walk(root, _MOST_SKILLS * MOST_FILES) if path.name == SKILL_FILE]
    if len(found) > _MOST_SKILLS:
        raise UsageError(f"{root} holds more than {_MOST_SKILLS} skills", hint="name a folder inside it")
    return sorted(set(found))


def lint_folders(root: Path, known: Known | None = None) -> tuple[int, list[Problem]]:
    """How many skills there are under a folder of the work tree, and every problem they have."""
    if not root.is_dir():
        raise UsageError(f"{root} is no folder", hint="name a folder that holds skills")
    places = {folder: _place(folder) for folder in skill_folders(root)}
    problems = check_names(place for place in places.values() if place_of(place))
    for folder, place in places.items():
        problems += check_folder(place, read_folder(folder), known)
    return len(places), sorted(set(problems), key=str)


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a new or empty folder."""
    if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        raise UsageError(f"{target} is there already", hint="name a new or an empty folder")
    for path, data in files.items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def _place(folder: Path) -> str:
    """Where a folder stands in a tree of skills: its path from the last `skills/` above it on."""
    parts = folder.resolve().parts
    above = [number for number, part in enumerate(parts[:-1]) if part == "skills"]
    return "/".join(parts[above[-1] :]) if above else folder.name


def _walk(root: Path, most: int) -> Iterator[Path]:
    """Everything under a folder that is no folder, without following links."""
    seen = 0
    for place, folders, files in os.walk(root, followlinks=False):
        here = Path(place)
        deep = len(here.relative_to(root).parts) >= _DEEPEST
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = [] if deep else sorted(name for name in folders if name != ".git" and name not in links)
        for name in sorted([*files, *links]):
            seen += 1
            if seen > most:
                raise UsageError(f"{root} holds more than {most} files", hint="name a folder inside it")
            yield here / name


def _entry(folder: Path, path: Path) -> Entry:
    found = path.lstat()
    regular = stat.S_ISREG(found.st_mode)
    mode = "100755" if found.st_mode & 0o111 else "100644"
    return Entry(
        path=path.relative_to(folder).as_posix(),
        mode=mode if regular else "120000",
        size=found.st_size,
        data=path.read_bytes() if regular and found.st_size <= LARGEST_FILE else None,
    )
