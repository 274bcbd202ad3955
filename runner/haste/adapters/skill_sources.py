"""Where skills from elsewhere are read: a folder on disk, or a repository that is fetched."""

import re
from collections.abc import Iterable
from pathlib import Path

from haste.adapters.git import GitRepository
from haste.adapters.skill_files import take_apart
from haste.adapters.skill_folders import read_folder, skill_folders
from haste.adapters.skill_tree import GitSkills
from haste.core.candidates import Candidate, candidate_of
from haste.core.lint import SKILL_FILE, Entry
from haste.core.scope import Scope
from haste.errors import UsageError

_URL = re.compile(r"(?:https|ssh|git|file)://\S+|[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+:\S+")
_MOST = 2_000


def read_candidates(
    source: str, repository: GitRepository, into: tuple[Scope, str] | None
) -> tuple[str, list[Candidate]]:
    """The skills of a source, and how the source is to be named in their provenance."""
    folder = Path(source)
    if folder.is_dir():
        root = folder.resolve()
        found: Iterable[tuple[str, list[Entry]]] = (
            (path.relative_to(root.parent).as_posix(), read_folder(path)) for path in skill_folders(root)
        )
        origin = root.name
    elif _URL.fullmatch(source):
        commit = repository.fetch(source)
        found, origin = GitSkills(repository).folders(commit), f"{_named(source)} at {commit[:12]}"
    else:
        raise UsageError(f"{source!r} is neither a folder nor a git URL", hint="haste-run skills import ../other")
    candidates = [_candidate(place, entries, into, origin) for place, entries in found]
    if not candidates:
        raise UsageError(f"{source} holds no SKILL.md", hint="name the folder that holds the skills")
    if len(candidates) > _MOST:
        raise UsageError(
            f"{source} holds {len(candidates)} skills, at most {_MOST}", hint="name a folder inside it"
        )
    return origin, candidates


def _candidate(place: str, entries: list[Entry], into: tuple[Scope, str] | None, origin: str) -> Candidate:
    data = next((entry.data for entry in entries if entry.path == SKILL_FILE), None) or b""
    name = place.rsplit("/", 1)[-1]
    standing = place[place.rfind("skills/") :] if "skills/" in place else ""
    where = standing if standing.count("/") in (2, 3) else f"skills/global/{name}"
    return candidate_of(take_apart(where, data.decode("utf-8", "replace")), entries, into, origin=origin)


def _named(url: str) -> str:
    """What a URL points at, without scheme and login: a skill's metadata hold no links."""
    if url.startswith("file://"):
        return url.rstrip("/").rsplit("/", 1)[-1]
    return re.sub(r"^[a-z]+://(?:[^/@]*@)?|^[^/@]*@", "", url)
