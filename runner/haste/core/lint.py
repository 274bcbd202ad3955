"""Everything that is wrong with a skill, all at once. Pure: it is shown the folder, and reads nothing itself."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from haste.core.competition import DOMAINS
from haste.core.model import Frozen
from haste.core.poison import links, orders, secrets, unseen
from haste.core.recipe_rules import SLUG, Known, recipe_problems, stored_problems
from haste.core.scope import Scope
from haste.core.skill import Skill
from haste.core.skill_text import FENCE, render_skill

RULES = 2
"""Raised when a rule changes what is loaded, so that what was read under the old ones is read again."""
LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_BODY = 64, 300, 300
"""Characters, characters, words."""
LARGEST_SKILL, LARGEST_FILE, MOST_FILES = 16 * 1024, 64 * 1024, 20
SKILL_FILE = "SKILL.md"
ALLOWED = ("name", "description", "license", "compatibility", "metadata", "allowed-tools")
METADATA = frozenset(
    {
        "haste-scope", "haste-domain", "haste-competition", "haste-origin", "haste-run", "haste-events",
        "haste-learning", "haste-promotion", "haste-conditions", "haste-conflicts", "haste-status",
        "haste-evidence", "haste-engineer", "haste-metric", "haste-competitions", "haste-score",
    }
)  # fmt: skip

_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_TEXT_FILES = (".md", ".txt")


class Entry(Frozen):
    """One file of a skill's folder, as git keeps it. `data` is None where it is too large to be read."""

    path: str
    """Relative to the skill's folder."""
    mode: str = "100644"
    size: int
    data: bytes | None = None


class Written(Frozen):
    """A `SKILL.md` taken apart: its text, its front matter, and what kept it from being read."""

    path: str
    """The skill's folder in the tree."""
    text: str
    front: dict[str, Any] = Field(default_factory=dict)
    body: str = ""
    faults: tuple[str, ...] = ()
    skill: Skill | None = None


class Problem(Frozen):
    """One thing that is wrong, where, and by which rule."""

    path: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message} [{self.rule}]"


def check_text(written: Written, known: Known | None = None) -> list[Problem]:
    """Every problem of a `SKILL.md`; one with any is not loaded."""
    known = known or Known()
    found: list[Problem] = [Problem(path=written.path, rule="format", message=fault) for fault in written.faults]
    for rule, check in _TEXT_RULES.items():
        found += [Problem(path=written.path, rule=rule, message=message) for message in check(written, known)]
    return list(dict.fromkeys(found))


def check_skill(skill: Skill, known: Known | None = None) -> list[Problem]:
    """Every problem of a skill that is about to be written."""
    front: dict[str, Any] = {"name": skill.name, "description": skill.description, "metadata": skill.metadata}
    front |= {key: text for key in ("license", "compatibility") if (text := getattr(skill, key))}
    text = render_skill(skill)
    return check_text(Written(path=skill.path, text=text, front=front, body=skill.body, skill=skill), known)


def check_entries(path: str, entries: Sequence[Entry]) -> list[Problem]:
    """Every problem of the files of a skill's folder, `SKILL.md`'s own text apart."""
    found = [Problem(path=path, rule="files", message=message) for message in _folder(entries)]
    for entry in entries:
        found += [
            Problem(path=path, rule="files", message=f"{entry.path!r:.100} {fault}") for fault in _file(entry)
        ]
        if entry.path != SKILL_FILE and entry.data is not None and not any(_file(entry)):
            text = entry.data.decode("utf-8")
            told = [*secrets(text), *orders(text), *links(text), *unseen(text)]
            found += [Problem(path=path, rule="text", message=f"{entry.path} {fault}") for fault in told]
    return list(dict.fromkeys(found))


def folders_of(paths: Iterable[str]) -> set[str]:
    """The folders among these paths that hold a `SKILL.md`."""
    return {path.removesuffix(f"/{SKILL_FILE}") for path in paths if path.endswith(f"/{SKILL_FILE}")}


def check_names(paths: Iterable[str]) -> list[Problem]:
    """Names that stand more than once, whatever the scope: exports put them all into one folder."""
    places: dict[str, list[str]] = {}
    for path in sorted(paths):
        places.setdefault(path.rsplit("/", 1)[-1].casefold(), []).append(path)
    return [
        Problem(
            path=path, rule="unique", message=f"the name stands also at {', '.join(p for p in all_ if p != path)}"
        )
        for all_ in places.values()
        if len(all_) > 1
        for path in all_
    ]


# ── the text ─────────────────────────────────────────────────────────────────────────────────────────


def _place(written: Written, _: Known) -> Iterator[str]:
    parts = written.path.split("/")
    folders = {"global": 3, "domains": 4, "competitions": 4}
    if len(parts) < 3 or parts[0] != "skills" or folders.get(parts[1]) != len(parts):
        yield "stands outside skills/global/NAME, skills/domains/DOMAIN/NAME and skills/competitions/ID/NAME"
        return
    if parts[1] == "domains" and parts[2] not in DOMAINS:
        yield f"{parts[2]!r:.80} is no domain: {', '.join(DOMAINS)}"
    if len(parts) == 4 and not (_OWNER.fullmatch(parts[2]) and ".." not in parts[2]):
        yield f"{parts[2]!r:.80} is no name of a folder"


def _name(written: Written, _: Known) -> Iterator[str]:
    name = written.front.get("name")
    if not isinstance(name, str) or not name:
        yield "has no name"
        return
    if len(name) > LONGEST_NAME:
        yield f"its name has {len(name)} characters, at most {LONGEST_NAME}"
    if not SLUG.fullmatch(name):
        yield f"its name {name!r:.80} must be kebab-case: a-z, 0-9, single hyphens between"
    if name != written.path.rsplit("/", 1)[-1]:
        yield f"its name {name!r:.80} differs from its folder"


def _description(written: Written, _: Known) -> Iterator[str]:
    text = written.front.get("description")
    if not isinstance(text, str) or not text.strip():
        yield "has no description"
        return
    if len(text) > LONGEST_DESCRIPTION:
        yield f"its description has {len(text)} characters, at most {LONGEST_DESCRIPTION}"
    if "\n" in text or "\r" in text:
        yield "its description must be one line"
    if "Use when" not in text:
        yield "its description must say 'Use when …'"
    if "<" in text or ">" in text:
        yield "its description must not hold '<' or '>'"


def _front_matter(written: Written, _: Known) -> Iterator[str]:
    front = written.front
    yield from (f"{key!r:.60} is no key of a skill: {', '.join(ALLOWED)}" for key in front if key not in ALLOWED)
    if "allowed-tools" in front:
        yield "'allowed-tools' would grant tools to its reader: leave it out"
    for key in ("license", "compatibility"):
        if not isinstance(front.get(key, ""), str) or len(front.get(key, "")) > 500:
            yield f"{key!r} must be a string of at most 500 characters"
    end = written.text.find("\n---", 3)
    if "---" in written.text[3 : max(end, 3)]:
        yield "'---' inside the front matter: other readers cut it there"
    if "\ufeff" in written.text or "\r" in written.text:
        yield "has a byte-order mark or carriage returns"
    if len(written.text.encode("utf-8", "surrogatepass")) > LARGEST_SKILL:
        yield f"is larger than {LARGEST_SKILL // 1024} KiB"


def _metadata(written: Written, known: Known) -> Iterator[str]:
    metadata = written.front.get("metadata", {})
    if not isinstance(metadata, dict):
        yield "'metadata' must map strings to strings"
        return
    for key, value in metadata.items():
        if not isinstance(value, str):
            yield f"metadata {key!r:.60} must be a quoted string"
        elif len(value) > 4000:
            yield f"metadata {key!r:.60} is longer than 4000 characters"
        if key.startswith("haste-") and key not in METADATA:
            yield f"metadata {key!r:.60} is unknown"
    yield from _scope(written.path.split("/"), metadata)
    yield from stored_problems(metadata, known)


def _scope(parts: Sequence[str], metadata: Mapping[str, Any]) -> Iterator[str]:
    scope = next((s for s in Scope if len(parts) > 1 and s.folder == parts[1]), None)
    if scope is None:
        return
    if metadata.get("haste-scope", scope.value) != scope.value:
        yield f"metadata 'haste-scope' is {metadata['haste-scope']!r:.60}, its folder says {scope.value!r}"
    for key, owned in (("haste-domain", Scope.DOMAIN), ("haste-competition", Scope.COMPETITION)):
        if scope is owned and metadata.get(key, parts[2]) != parts[2]:
            yield f"metadata {key!r} is {metadata[key]!r:.60}, its folder says {parts[2]!r:.60}"


def _body(written: Written, _: Known) -> Iterator[str]:
    words = len(written.body.split())
    if not words:
        yield "has no body"
    if words > LONGEST_BODY:
        yield f"its body has {words} words, at most {LONGEST_BODY}"
    if FENCE in written.body:
        yield "its body holds a recipe block that can't be read"


def _text(written: Written, _: Known) -> Iterator[str]:
    text = written.text
    yield from (*secrets(text), *orders(text), *links(text), *unseen(text))


_TEXT_RULES: Mapping[str, Callable[[Written, Known], Iterable[str]]] = {
    "place": _place,
    "name": _name,
    "description": _description,
    "front-matter": _front_matter,
    "metadata": _metadata,
    "body": _body,
    "text": _text,
    "recipe": lambda written, known: recipe_problems(written.path, written.skill, known),
}


# ── the files ────────────────────────────────────────────────────────────────────────────────────────


def _folder(entries: Sequence[Entry]) -> Iterator[str]:
    if all(entry.path != SKILL_FILE for entry in entries):
        yield "has no SKILL.md"
    if len(entries) > MOST_FILES:
        yield f"has {len(entries)} files, at most {MOST_FILES}"


def _file(entry: Entry) -> Iterator[str]:
    kinds = {"120000": "is a symbolic link", "160000": "is a submodule", "100755": "is executable"}
    if entry.mode in kinds:
        yield kinds[entry.mode]
    parts = entry.path.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in entry.path or entry.path.startswith("/"):
        yield "leaves the folder"
    elif any(part.startswith(".") for part in parts):
        yield "is hidden"
    if not entry.path.lower().endswith(_TEXT_FILES):
        yield "is no text: a skill holds .md and .txt alone, no scripts"
    if entry.path.lower() == SKILL_FILE.lower() and entry.path != SKILL_FILE:
        yield "must be called SKILL.md"
    if len(parts[-1]) > 100 or any(not c.isprintable() for c in entry.path):
        yield "has a name that is too long or can't be shown"
    if entry.size > (LARGEST_SKILL if entry.path == SKILL_FILE else LARGEST_FILE):
        yield f"is larger than {(LARGEST_SKILL if entry.path == SKILL_FILE else LARGEST_FILE) // 1024} KiB"
    elif entry.data is not None and not _is_text(entry.data):
        yield "is not UTF-8 text"


def _is_text(data: bytes) -> bool:
    try:
        return b"\0" not in data and isinstance(data.decode("utf-8"), str)
    except UnicodeDecodeError:
        return False
