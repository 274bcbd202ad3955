"""Bringing two workspaces together: their skills and logs are fetched and merged by plumbing."""

from dataclasses import dataclass

from haste.core.lint import check_names, folders_of
from haste.errors import GitError, ReviewError
from haste.orchestration.desk import Desk
from haste.orchestration.review import settle
from haste.ports import Side

_SHARED = ("skills", "events")


@dataclass(frozen=True)
class Synced:
    """What came in."""

    commit: str
    skills: tuple[str, ...]
    """Folders of skills that are new, changed or gone."""
    streams: tuple[str, ...]
    settled: int
    """Promotions that waited here and were merged there."""
    problems: tuple[str, ...]
    """Names that now stand twice, and what is wrong with the streams that came in."""
    doubled: tuple[str, ...] = ()
    """The folders of the names that stand twice."""


def sync(desk: Desk, source: str, branch: str | None = None, *, keep: Side = "") -> Synced:
    """Merge the skills and logs of another workspace into this one.

    Streams have names of their own and only grow, so they unite. Raises ReviewError, with nothing changed, where
    what comes in has problems, and GitError where both workspaces edited the same skill and `keep` doesn't say
    whose version stays: the other one stays in history, and what it rests on in the logs.
    """
    repository = desk.repository
    before, theirs = repository.head(), repository.fetch(source, branch)
    changed = folders_of(repository.changed(before, theirs, "skills"))
    incoming = sorted(changed & folders_of(repository.paths(theirs, "skills")))
    if problems := desk.lint(theirs, incoming) if incoming else []:
        told = "; ".join(map(str, problems[:3]))
        raise ReviewError(f"lint refuses what {source} has: {told}", hint="mend it there, then sync again")
    try:
        merged = repository.merge(theirs, f"Merge skills and events of {source}\n", only=_SHARED, keep=keep)
    except GitError as error:
        if keep or not error.message.startswith("both sides changed skills/"):
            raise  # which version of a stream is right is nobody's choice
        told = "nothing was changed; say whose version stays: haste-run sync … --keep ours (or theirs)"
        raise GitError(error.message, hint=told) from error
    touched = repository.changed(before, merged, "") if merged != before else ()
    settled = settle(desk)
    streams = tuple(_stream(path) for path in touched if path.startswith("events/") and path.endswith(".jsonl"))
    doubled = check_names(folders_of(repository.paths(repository.head(), "skills")))
    return Synced(
        commit=merged,
        skills=tuple(sorted(folders_of(touched))),
        streams=streams,
        settled=len(settled),
        doubled=tuple(problem.path for problem in doubled),
        problems=(
            *map(str, doubled),
            *(str(problem) for name in streams for problem in desk.log.verify(name)),
        ),
    )


def _stream(path: str) -> str:
    return path.removeprefix("events/").removesuffix(".jsonl")
