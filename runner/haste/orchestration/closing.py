"""The end of a curation: skills that had their chance leave, then the branch is merged or left for its review."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from haste.core import curation as c
from haste.core.events import AnyEvent, CurationFinished, SkillPromoted, SkillRetired
from haste.core.lint import SKILL_FILE, folders_of
from haste.core.retirement import Proposal
from haste.core.skill import Skill
from haste.errors import BranchMoved, GitError
from haste.orchestration.docket import Docket
from haste.orchestration.promote import PLACES
from haste.orchestration.retire import leaving, take_out
from haste.ports import Repository
from haste.projections.reviews import refused_before

_TRIES = 20
_AGAIN, _MOST_OFTEN = ".again", 5


def finish(state: c.CurationState, work: Docket) -> Iterator[AnyEvent]:
    """Skills that had their chance leave by the same branch and the same review; then the stream is closed."""
    made = {change.skill for change in state.changes}
    for proposal, skill in due(state.tip, work, made):
        event = take_out(
            work.repository, proposal, skill, stream=state.stream, branch=state.branch, base=state.base
        )
        state = replace(state, changes=(*state.changes, event), tip=event.commit)
        yield event
    yield _close(state, work)


def due(commit: str, work: Docket, made: Collection[str] = ()) -> list[tuple[Proposal, Skill]]:
    """The skills of a commit that are to leave; what this curation has just made is not judged yet."""
    skills = [skill for skill in work.ports.skills.load(commit) if skill.name not in made]
    return leaving(skills, work.standing, work.usual, work.known())


def _close(state: c.CurationState, work: Docket) -> CurationFinished:
    if not state.changes:
        return CurationFinished(merged=None, note="nothing was changed")
    many = len(state.changes) > 1
    count, wait = f"{len(state.changes)} change{'s' if many else ''}", "wait" if many else "waits"
    if state.review != "auto":
        return CurationFinished(merged=None, note=f"{count} {wait} for review on {state.branch}")
    if refused := _refused_before(state, work):
        note = (
            f"{count} {wait} for review on {state.branch}: {', '.join(refused)} was taken back or rejected before"
        )
        return CurationFinished(merged=None, note=note)
    try:
        return _merge(state, work.repository, count)
    except GitError as error:
        return CurationFinished(merged=None, note=f"{count} {wait} on {state.branch}: {error}")


def _merge(state: c.CurationState, repository: Repository, count: str) -> CurationFinished:
    """Merge the branch onto what was looked at; where another one was faster, all is judged again on that."""
    subject = f"skill(promote): merge {count} of {', '.join(state.runs)}"
    for last in reversed(range(_TRIES)):
        head = repository.head()
        again = next_stream(state.stream)
        if again and (met := outrun(repository, state.base, state.tip, head)):
            note = f"{', '.join(met[:3])} was changed meanwhile: judged again as {again}"
            return CurationFinished(merged=None, note=note, again=again)
        try:
            merged = repository.merge(state.branch, f"{subject}\n", only=("skills",), seen=head)
        except BranchMoved:
            if not last:
                raise
            continue
        return CurationFinished(merged=merged, note=count)
    raise AssertionError("the last try ends it")


def outrun(repository: Repository, base: str, tip: str, head: str) -> Sequence[str]:
    """The skills of a branch that somebody else has changed, or given the same name, since it was begun."""
    if head == base or not repository.history(tip, since=head, limit=1):
        return []
    mine = set(repository.changed(base, tip, "skills"))
    theirs = set(repository.changed(base, head, "skills"))
    met = {path.rsplit("/", 2)[-2] for path in mine & theirs}
    for folder in folders_of(path for path in mine if repository.read(tip, path) is not None):
        name = folder.rsplit("/", 1)[-1]
        elsewhere = set(repository.called(head, name, PLACES)) - {folder}
        if any(f"{place}/{SKILL_FILE}" not in mine for place in elsewhere):
            met.add(name)
    return sorted(met)


def next_stream(stream: str) -> str:
    """The stream in which a curation's learnings are judged again; '' after too many of them."""
    first, found, number = stream.rpartition(_AGAIN)
    counted = bool(found) and number.isdigit()  # a run's own name may hold the word
    times = int(number) if counted else 1
    return f"{first if counted else stream}{_AGAIN}{times + 1}" if times < _MOST_OFTEN else ""


def _refused_before(state: c.CurationState, work: Docket) -> list[str]:
    """Skills of this curation that people took back or rejected: they are not merged again in silence."""
    known = work.known()
    made = [change for change in state.changes if not isinstance(change, SkillRetired)]
    before = [(change, refused_before(known, change.skill)) for change in made]
    return [
        change.skill
        for change, said in before
        if said and (said.kind != "retire" or isinstance(change, SkillPromoted))  # an edited one stands
    ]
