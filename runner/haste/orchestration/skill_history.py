"""How one skill came about: every commit that touched it, at every place where it stood."""

from collections.abc import Mapping, Sequence

from haste.core.commits import Commit, Trailer
from haste.core.events import RunStarted
from haste.core.learning import Recipe
from haste.core.lint import SKILL_FILE, folders_of
from haste.core.model import Frozen
from haste.core.skill import Skill
from haste.errors import GitError, LogError, UsageError
from haste.orchestration.desk import Desk
from haste.orchestration.provenance import promotion_of
from haste.orchestration.review import standing
from haste.ports import Repository
from haste.projections.evidence import RunReading, skill_name
from haste.projections.inventory import Snapshot, growth
from haste.projections.reviews import Review


class HistoryEntry(Frozen):
    """One commit that touched a skill, and what became of the promotion it carries."""

    commit: str
    at: str
    author: str
    subject: str
    promotion: str = ""
    state: str = ""
    """`merged`, `rolled back`, …; '' for a commit that is no promotion."""
    run: str = ""
    evidence: str = ""


def find_skill(desk: Desk, name: str) -> Skill:
    """The skill called `name` as it stands; `name` may be its whole path. Raises UsageError."""
    skills = desk.skills.load()
    found = [skill for skill in skills if name in (skill.name, skill.path)]
    if found:
        return found[0]
    close = [skill.name for skill in skills if name in skill.name]
    hint = f"did you mean {', '.join(close[:3])}?" if close else "haste-run skills list"
    raise UsageError(f"there is no skill {name!r}", hint=hint)


def effects_of_skills(
    desk: Desk, readings: Sequence[RunReading], name: str | None
) -> list[tuple[str, Recipe | None]]:
    """The skills to tell effects of, with what they claim: the one of this name, also a retired one, or all."""
    recipes = {one.skill: one.recipe for one in desk.reviews().values() if one.recipe is not None}
    recipes |= {skill.name: skill.recipe for skill in desk.skills.load() if skill.recipe}
    seen = {skill_name(key) for reading in readings for key in (reading.loaded or {}).values()}
    if name is None:
        return [(one, recipes.get(one)) for one in sorted(seen | set(recipes))]
    if name not in seen:
        name = find_skill(desk, name).name
    return [(name, recipes.get(name))]


def history_of(desk: Desk, name: str) -> list[HistoryEntry]:
    """Every commit of a skill, the newest first; also of one that was retired."""
    known = standing(desk)
    places = {review.path for review in known.values() if name in (review.skill, review.path) and review.path}
    head = desk.repository.head()
    there, file = desk.repository.paths(head, "skills"), f"{name}/{SKILL_FILE}"
    places |= {path.rsplit("/", 1)[0] for path in there if path == file or path.endswith(f"/{file}")}
    entries: dict[str, HistoryEntry] = {}
    for place in sorted(places):
        for commit in desk.repository.history(head, path=f"{place}/{SKILL_FILE}"):
            entries[commit.id] = _entry(desk.repository, commit, f"{place}/{SKILL_FILE}", known)
    if not entries:
        raise UsageError(f"no commit touched a skill {name!r}", hint="haste-run skills list")
    return sorted(entries.values(), key=lambda entry: entry.at, reverse=True)


def growth_of(desk: Desk) -> list[Snapshot]:
    """The inventory after every curation and round; what stood before is what the first run found.

    A first run of another workspace may name a commit that isn't here: then nothing stood before.
    """
    return growth(desk.curations(), {skill.name: skill.scope.value for skill in _first_found(desk)})


def _first_found(desk: Desk) -> Sequence[Skill]:
    runs = [run for name in desk.log.streams() if not name.startswith("_") and (run := _begun(desk, name))]
    try:
        return desk.skills.load(min(runs)[1]) if runs else desk.skills.load()
    except GitError:
        return ()


def _begun(desk: Desk, stream: str) -> tuple[str, str] | None:
    """When a run began, and the commit it found."""
    try:
        first = next(iter(desk.log.iterate(stream)), None)
    except LogError:
        return None
    if first is None or not isinstance(first.event, RunStarted):
        return None
    return first.envelope.at, first.event.commit


def _entry(repository: Repository, commit: Commit, file: str, known: Mapping[str, Review]) -> HistoryEntry:
    """One commit. Where a squash has left several skills' trailers, or none, the skill's own metadata tells."""
    alone = len(folders_of(commit.paths)) == 1
    promotion = commit.promotion if alone else ""
    back = commit.trailers.get(Trailer.ROLLED_BACK, "") if alone else ""
    if not promotion and not back:
        told = promotion_of(repository.read(commit.id, file))
        promotion = told if told not in {promotion_of(repository.read(p, file)) for p in commit.parents} else ""
    review = known.get(promotion)
    return HistoryEntry(
        commit=commit.id,
        at=commit.at,
        author=commit.author,
        subject=commit.subject,
        promotion=promotion or back,
        state=review.state if review else "",
        run=(commit.trailers.get(Trailer.RUN, "") if alone else "") or _run_of(review),
        evidence=commit.trailers.get(Trailer.EVIDENCE, "") if alone else "",
    )


def _run_of(review: Review | None) -> str:
    return review.learning.partition("#")[0] if review and "#" in review.learning else ""
