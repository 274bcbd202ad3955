"""Skills as they stand in a commit: one `ls-tree`, one `cat-file --batch` for what the index doesn't know yet."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pydantic import TypeAdapter

from haste.adapters.git import GitRepository
from haste.adapters.skill_files import place_of, take_apart
from haste.adapters.skill_index import Blob, SkillIndex
from haste.core.lint import (
    LARGEST_FILE,
    LARGEST_SKILL,
    SKILL_FILE,
    Entry,
    Problem,
    check_entries,
    check_names,
    check_text,
)
from haste.core.recipe_rules import Known
from haste.core.skill import Skill

_REGULAR = ("100644", "100755")
_SKILLS: TypeAdapter[list[Skill]] = TypeAdapter(list[Skill])


@contextmanager
def _uncollected() -> Iterator[None]:
    """Many objects are made and none is thrown away: looking for garbage meanwhile would double the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


class GitSkills:
    """The port `SkillStore` over a git repository."""

    def __init__(self, repository: GitRepository) -> None:
        self._repository = repository
        self._git = repository.git
        self._index = SkillIndex(repository.git_folder)
        self._known: dict[Blob, Skill | None] = {}
        self._last: tuple[tuple[str, tuple[str, ...]], tuple[Skill, ...]] | None = None

    def head(self) -> str:
        """The commit that skills are read from."""
        return self._repository.head()

    def load(self, commit: str | None = None, *, within: Sequence[str] = ()) -> tuple[Skill, ...]:
        """The skills of a commit under these folders (default: all), sorted by path; broken ones are left out."""
        asked = (commit or self.head(), tuple(within))
        if self._last is None or self._last[0] != asked:
            with _uncollected():
                self._last = (asked, self._load(asked[0], asked[1] or ("skills",)))
        return self._last[1]

    def _load(self, commit: str, within: Sequence[str]) -> tuple[Skill, ...]:
        blobs = [
            Blob(folder, blob)
            for mode, blob, path in self._entries(commit, within)
            if mode in _REGULAR and (folder := _folder_of(path))
        ]
        self._learn([blob for blob in blobs if blob not in self._known])
        return tuple(skill for blob in sorted(blobs) if (skill := self._known[blob]))

    def _learn(self, blobs: Sequence[Blob]) -> None:
        """Know these blobs: out of the index, or read, parsed and linted."""
        texts = self._index.get(blobs) if blobs else {}
        if fresh := [blob for blob in blobs if blob not in texts]:
            read = dict.fromkeys(fresh, "")
            read |= {blob: _as_json(blob, data) for blob, data in self._read(fresh, LARGEST_SKILL)}
            self._index.put(read)
            texts |= read
        whole = [blob for blob, text in texts.items() if text]
        skills = _SKILLS.validate_json(f"[{','.join(texts[blob] for blob in whole)}]")
        self._known |= dict.fromkeys(texts) | dict(zip(whole, skills, strict=True))

    def lint(
        self, commit: str | None = None, *, within: Sequence[str] = (), known: Known | None = None
    ) -> list[Problem]:
        """Every problem of the skills of a commit under these folders; names are checked over all of them."""
        commit = commit or self.head()
        entries = list(self._entries(commit, ("skills",)))
        folders = {folder for _, _, path in entries if (folder := _folder_of(path))}
        problems = list(check_names(folders))
        grouped: dict[str, list[tuple[str, str, str]]] = {}
        for mode, blob, path in entries:
            if not within or any(path.startswith(f"{folder}/") for folder in within):
                grouped.setdefault(_owner_of(path, folders), []).append((mode, blob, path))
        for folder, members in grouped.items():
            problems += self._lint_folder(folder, members, known) if folder else _strays(members)
        return sorted(set(problems), key=str)

    def folders(self, commit: str) -> Iterator[tuple[str, list[Entry]]]:
        """Every folder of a commit that holds a `SKILL.md`, wherever it stands, with its files."""
        entries = list(self._entries(commit, ()))
        found = sorted({path.rpartition("/")[0] for _, _, path in entries if path.endswith(f"/{SKILL_FILE}")})
        for folder in found:
            yield folder, self._folder(folder, [entry for entry in entries if entry[2].startswith(f"{folder}/")])

    def _lint_folder(self, folder: str, members: list[tuple[str, str, str]], known: Known | None) -> list[Problem]:
        return check_folder(folder, self._folder(folder, members), known)

    def _folder(self, folder: str, members: list[tuple[str, str, str]]) -> list[Entry]:
        blobs = [Blob(path, blob) for mode, blob, path in members if mode != "160000"]
        data, sizes = dict(self._read(blobs, LARGEST_FILE)), self._sizes(blobs)
        return [
            Entry(
                path=path.removeprefix(f"{folder}/"),
                mode=mode,
                size=sizes.get(blob, 0),
                data=data.get(Blob(path, blob)) if mode in _REGULAR else None,
            )
            for mode, blob, path in members
        ]

    def _entries(self, commit: str, within: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        """Mode, blob and path of everything under these folders."""
        listed = self._git.run("ls-tree", "-r", "-z", "--full-tree", commit, "--", *within).output
        for record in listed.decode("utf-8", "surrogateescape").split("\0"):
            if record:
                told, path = record.split("\t", 1)
                mode, _, blob = told.split()
                yield mode, blob, path

    def _sizes(self, blobs: Sequence[Blob]) -> dict[str, int]:
        if not blobs:
            return {}
        asked = "".join(f"{blob.id}\n" for blob in blobs).encode()
        listed = self._git.run("cat-file", "--batch-check", stdin=asked).text.splitlines()
        return {parts[0]: int(parts[2]) for line in listed if len(parts := line.split()) == 3}

    def _read(self, blobs: Sequence[Blob], largest: int) -> Iterator[tuple[Blob, bytes]]:
        """The content of those blobs that are not larger than this."""
        sizes = self._sizes(blobs)
        wanted = [blob for blob in blobs if sizes.get(blob.id, largest + 1) <= largest]
        if not wanted:
            return
        asked = "".join(f"{blob.id}\n" for blob in wanted).encode()
        output = self._git.run("cat-file", "--batch", stdin=asked).output
        place = 0
        for blob in wanted:
            start = output.index(b"\n", place) + 1
            place = start + sizes[blob.id] + 1
            yield blob, output[start : place - 1]


def check_folder(folder: str, entries: Sequence[Entry], known: Known | None = None) -> list[Problem]:
    """Every problem of one skill's folder: its files and the text of its `SKILL.md`."""
    problems = check_entries(folder, entries)
    for entry in entries:
        if entry.path == SKILL_FILE and entry.data is not None and entry.mode in _REGULAR:
            problems += check_text(take_apart(folder, entry.data.decode("utf-8", "replace")), known)
    return problems


def _as_json(blob: Blob, data: bytes) -> str:
    """The skill as JSON, or '' where anything is wrong with it."""
    written = take_apart(blob.folder, data.decode("utf-8", "replace"))
    return written.skill.model_dump_json() if written.skill and not check_text(written) else ""


def _folder_of(path: str) -> str:
    """The skill's folder of a `SKILL.md` that stands where skills stand, or ''."""
    folder, _, file = path.rpartition("/")
    return folder if file == SKILL_FILE and place_of(folder) else ""


def _owner_of(path: str, folders: set[str]) -> str:
    """The folder of the skill that a file belongs to, or ''."""
    parts = path.split("/")
    return next((place for n in (3, 4) if (place := "/".join(parts[:n])) in folders and len(parts) > n), "")


def _strays(members: list[tuple[str, str, str]]) -> list[Problem]:
    kept = ("README.md", ".gitkeep")
    strays = [path for _, _, path in members if path.rsplit("/", 1)[-1] not in kept or path.count("/") > 2]
    return [Problem(path=path, rule="place", message="belongs to no skill") for path in strays]
