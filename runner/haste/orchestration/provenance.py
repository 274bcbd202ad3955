"""Finding a promotion again in the history of a branch, however it was merged, and what rests on it.

A merge keeps its commit; a rebase keeps the trailers under a new commit; a squash keeps neither, but the ids in the
metadata of the skills survive it.
"""

import json
from collections.abc import Container, Mapping

from haste.core.commits import Commit, Trailer
from haste.core.lint import SKILL_FILE
from haste.core.model import Frozen
from haste.ports import Repository
from haste.projections.reviews import Review

RETIRES = "skill(retire): "
"""How the subject of a commit begins that retires a skill; its name follows."""


class Found(Frozen):
    """A promotion in the history of a branch: the commit that brought it, and its files before and after."""

    promotion: str
    commit: str
    before: dict[str, bytes | None]
    after: dict[str, bytes | None]

    @property
    def folder(self) -> str:
        """The folder of the skill that it touched; where it moved one, the new one."""
        paths = [path for path, data in self.after.items() if data is not None] or list(self.after)
        return next((p for p in paths if p.endswith(f"/{SKILL_FILE}")), paths[0]).rsplit("/", 1)[0]

    @property
    def skill(self) -> str:
        """The skill's name."""
        return self.folder.rsplit("/", 1)[-1]


def find_promotion(repository: Repository, tip: str, promotion: str, review: Review | None = None) -> Found | None:
    """The promotion in the history of `tip`; None where it isn't in it."""
    for commit in repository.history(tip, says=f"{Trailer.PROMOTION}: {promotion}"):
        if commit.promotion == promotion and len({_skill_of(path) for path in commit.paths}) == 1:
            return _between(repository, promotion, commit, dict.fromkeys(commit.paths))
    return _by_metadata(repository, tip, promotion) or _by_absence(repository, tip, promotion, review)


def taken_back(repository: Repository, tip: str, promotion: str) -> str | None:
    """The commit in the history of `tip` that took a promotion back; None where none did."""
    for commit in repository.history(tip, says=f"{Trailer.ROLLED_BACK}: {promotion}"):
        if commit.trailers.get(Trailer.ROLLED_BACK) == promotion:
            return commit.id
    return None


def retired_unheard(repository: Repository, tip: str, name: str, known: Container[str]) -> Commit | None:
    """The last commit of `tip` that retired a skill and whose promotion nobody has recorded."""
    for commit in repository.history(tip, says=f"{RETIRES}{name}"):
        if commit.subject == f"{RETIRES}{name}" and commit.promotion:
            return None if commit.promotion in known else commit
    return None


def dependents(repository: Repository, tip: str, found: Found) -> list[str]:
    """What was changed later and rests on the promotion, each in words; [] where it can be taken back alone."""
    touched = [path for path, data in found.after.items() if repository.read(tip, path) != data]
    later: dict[str, str] = {}
    for path in touched:
        for commit in repository.history(tip, since=found.commit, path=path):
            later.setdefault(commit.id, f"{commit.promotion or commit.id[:10]} ({commit.subject})")
    told = list(later.values())
    if touched and not told:
        told = [f"an edit of {touched[0]}"]
    return told + _conflicting(repository, tip, found)


def promotion_of(data: bytes | None) -> str:
    """The promotion that a `SKILL.md` says it comes from, or ''."""
    return _fact(data, "haste-promotion")


def _by_metadata(repository: Repository, tip: str, promotion: str) -> Found | None:
    """By the id in the tree: the commit that brought the text which stands there."""
    for path in repository.containing(tip, f'haste-promotion: "{promotion}"', "skills"):
        if promotion_of(repository.read(tip, path)) == promotion:
            return _brought(repository, tip, promotion, path)
    return None


def _brought(repository: Repository, tip: str, promotion: str, path: str) -> Found | None:
    for commit in repository.history(tip, path=path):
        if not commit.parents or promotion_of(repository.read(commit.parents[0], path)) != promotion:
            return _between(repository, promotion, commit, _folders(commit, path))
    return None


def _by_absence(repository: Repository, tip: str, promotion: str, review: Review | None) -> Found | None:
    """A retired skill is in no tree: the last commit of its path took it away."""
    if review is None or review.kind != "retire" or not review.path:
        return None
    path = f"{review.path}/{SKILL_FILE}"
    commits = repository.history(tip, path=path, limit=1)
    if not commits or repository.read(commits[0].id, path) is not None:
        return None
    return _between(repository, promotion, commits[0], _folders(commits[0], path))


def _folders(commit: Commit, path: str) -> dict[str, None]:
    """The files of the skill that a commit touched, at its old place too if it moved there."""
    return {p: None for p in commit.paths if _skill_of(p) == _skill_of(path)}


def _skill_of(path: str) -> str:
    """The name of the skill that a path belongs to, or ''."""
    parts = path.split("/")
    place = 2 if parts[1:2] == ["global"] else 3
    return parts[place] if parts[0] == "skills" and len(parts) > place + 1 else ""


def _between(repository: Repository, promotion: str, commit: Commit, paths: Mapping[str, None]) -> Found:
    parent = commit.parents[0] if commit.parents else None
    return Found(
        promotion=promotion,
        commit=commit.id,
        before={path: repository.read(parent, path) if parent else None for path in paths},
        after={path: repository.read(commit.id, path) for path in paths},
    )


def _conflicting(repository: Repository, tip: str, found: Found) -> list[str]:
    """Skills that say they contradict this one, where taking it back would take it away."""
    if any(data is not None for path, data in found.before.items() if path.endswith(f"/{SKILL_FILE}")):
        return []
    told = []
    for path in repository.containing(tip, found.skill, "skills"):
        data = repository.read(tip, path)
        if found.skill in _names(_fact(data, "haste-conflicts")):
            told.append(f"{promotion_of(data)} (the conflict that {path.split('/')[-2]} names)")
    return told


def _names(conflicts: str) -> set[str]:
    try:
        return set(json.loads(conflicts)) if conflicts else set()
    except ValueError:
        return set()


def _fact(data: bytes | None, key: str) -> str:
    """One quoted metadata value of a `SKILL.md`, without reading the rest."""
    start = f'  {key}: "'
    for line in (data or b"").decode("utf-8", "replace").splitlines():
        if line.startswith(start):
            try:
                return str(json.loads(line.split(": ", 1)[1]))
            except ValueError:
                return ""
    return ""
