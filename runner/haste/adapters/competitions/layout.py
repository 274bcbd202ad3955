"""Which files a competition folder has, whatever it is called there: three layouts, many names."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from haste.adapters.competitions.formats import is_table_name
from haste.errors import CompetitionError

MANIFEST = "competition.toml"
_LONGEST = 80

_TRAIN = ("train", "trainset", "traindata", "training", "trainingset", "trainlabels", "labels")
_TEST = ("test", "testset", "testdata", "testing", "testingset")
_SAMPLE = re.compile(r"samplesub|submissionsample|submissionformat|gendersubmission|^sample$|^submission$")
DESCRIPTIONS = ("description.md", "readme.md")
"""Files that describe a competition: the first that is there."""
_ANSWERS = ("answers", "test", "solution", "labels")


@dataclass(frozen=True)
class Layout:
    """The folders of a competition and the tables found in them, as names relative to `public`."""

    folder: Path
    public: Path
    private: Path | None
    id: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    sample: tuple[str, ...]
    description: str | None
    links: tuple[str, ...] = ()
    """Files that are links out of their folder: never followed."""

    @property
    def manifest(self) -> Path:
        """Where `competition.toml` stands, or would."""
        return self.folder / MANIFEST

    def answers(self) -> Path | None:
        """The answers in the private folder."""
        if self.private is None:
            return None
        found = {_stem(p.name): p for p in reversed(_files(self.private)) if is_table_name(p.name)}
        return next((found[stem] for stem in _ANSWERS if stem in found), None)


def find_layout(folder: Path) -> Layout:
    """Look at a folder. Raises CompetitionError when there is nothing that could be a competition."""
    folder = folder.resolve()
    if not folder.is_dir():
        raise CompetitionError(str(folder), ["there is no such folder"])
    if folder.name in ("public", "prepared") and not (folder / MANIFEST).exists():
        folder = folder.parent.parent if folder.parent.name == "prepared" else folder.parent
    public, private = _halves(folder)
    names = [p.name for p in _files(public)]
    tables = sorted((n for n in names if is_table_name(n)), key=_preference)
    samples = tuple(n for n in tables if _SAMPLE.search(_letters(n)))
    rest = [n for n in tables if n not in samples]
    return Layout(
        folder=folder,
        public=public,
        private=private,
        id=slug(folder.name),
        train=_by_stem(rest, _TRAIN),
        test=_by_stem(rest, _TEST),
        sample=samples,
        description=next((n for wanted in DESCRIPTIONS for n in names if n.lower() == wanted), None),
        links=tuple(p.name for half in (public, private) if half for p in sorted(half.iterdir()) if _leads_out(p)),
    )


def slug(name: str) -> str:
    """A name as an id: lower case letters, digits, `-`. A digest stands for what an id can't hold."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    found = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if found and len(found) <= _LONGEST and not any(c.isalnum() and not c.isascii() for c in plain):
        return found
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{found[: _LONGEST - 9].strip('-') or 'competition'}-{digest}"


def _halves(folder: Path) -> tuple[Path, Path | None]:
    for parent in (folder / "prepared", folder):
        if (parent / "public").is_dir():
            private = parent / "private"
            return parent / "public", private if private.is_dir() else None
    return folder, None


def _files(folder: Path) -> list[Path]:
    plain = (p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    return sorted(p for p in plain if not _leads_out(p))


def _leads_out(path: Path) -> bool:
    return path.is_symlink() and not path.resolve().is_relative_to(path.parent.resolve())


def _preference(name: str) -> tuple[bool, bool, str]:
    lowered = name.lower()
    return lowered.endswith((".zip", ".gz")), ".csv" not in lowered, lowered


def _by_stem(names: list[str], stems: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(n for stem in stems for n in names if _stem(n) == stem)


def _stem(name: str) -> str:
    return _letters(name.split(".")[0])


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.split(".")[0].lower())
