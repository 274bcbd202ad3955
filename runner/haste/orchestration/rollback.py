"""Taking a promotion back: a commit that restores what was there, and an event. Again is a new promotion."""

from collections.abc import Mapping
from dataclasses import dataclass

from haste.core.commits import Trailer, compose_message
from haste.core.events import PromotionReviewed, PromotionRolledBack, SkillPromoted, SkillsLoaded
from haste.errors import ReviewError
from haste.orchestration.desk import Desk
from haste.orchestration.promote import promotion_id
from haste.orchestration.provenance import Found, dependents, find_promotion, taken_back
from haste.projections.reviews import Review


@dataclass(frozen=True)
class RolledBack:
    """What was taken back, by which commit, and who had read it."""

    promotion: str
    skill: str
    commit: str
    loaded_by: tuple[str, ...]


def roll_back(desk: Desk, promotion: str, reason: str) -> RolledBack:
    """Take a promotion back. Raises ReviewError where it isn't there, or where later changes rest on it."""
    review = desk.reviews().get(promotion)
    if review and review.state == "rolled back":
        raise ReviewError(f"{promotion} was rolled back before", hint=f"haste-run skills history {review.skill}")
    found = _find(desk, promotion, review)
    commit = taken_back(desk.repository, desk.repository.head(), promotion)
    if commit is None:
        if rest := dependents(desk.repository, desk.repository.head(), found):
            told, later = "; ".join(rest[:5]), rest[0].split()[0]
            known = later in desk.reviews()
            raise ReviewError(
                f"{promotion} ({found.skill}) can't be taken back alone, later changes rest on it: {told}",
                hint=f"take those back first: haste-run rollback {later}"
                if known
                else "edit the skill by hand instead",
            )
        commit = _commit(desk, f"haste/rollback/{promotion}", found.before, _message(found, reason))
    loaded_by = _loaded_by(desk, found, review)
    event = PromotionRolledBack(
        promotion=promotion, skill=found.skill, commit=commit, reason=reason, loaded_by=loaded_by
    )
    desk.record(event)
    desk.publish(f"skill(rollback): record {found.skill}")
    return RolledBack(promotion, found.skill, commit, loaded_by)


def promote_again(desk: Desk, promotion: str, reason: str) -> SkillPromoted:
    """Bring back what a rollback took: a new promotion with a commit and an id of its own."""
    review = desk.reviews().get(promotion)
    if review is None or review.state != "rolled back":
        raise ReviewError(f"{promotion} was not rolled back", hint="haste-run review list --all")
    if review.kind == "retire":
        raise ReviewError(f"{promotion} is a retirement", hint=f"haste-run skills retire {review.skill}")
    found, head = _find(desk, promotion, review), desk.repository.head()
    again = promotion_id("promote", found.folder, f"{promotion} again")
    if again in desk.reviews():
        raise ReviewError(
            f"{promotion} was brought back as {again}", hint=f"haste-run skills history {found.skill}"
        )
    done = find_promotion(desk.repository, head, again)
    changed = [path for path, data in found.before.items() if desk.repository.read(head, path) != data]
    if changed and done is None:
        raise ReviewError(f"{changed[0]} was changed since the rollback", hint="edit the skill by hand instead")
    files = {p: data and data.replace(promotion.encode(), again.encode()) for p, data in found.after.items()}
    trailers: dict[str, str] = {Trailer.PROMOTION: again, Trailer.DECISION: f"again, by {desk.by}"}
    message = compose_message(f"skill(promote): {found.skill} again", reason, trailers)
    commit = done.commit if done else _commit(desk, f"haste/again/{again}", files, message)
    scope, version = review.scope, review.version
    for skill in desk.skills.load(commit, within=[found.folder]):
        scope, version = skill.scope.value, skill.version
    event = SkillPromoted(
        promotion=again,
        skill=found.skill,
        scope=scope,
        path=found.folder,
        version=version,
        commit=commit,
        branch=desk.repository.branch(),
        learning=review.learning,
        reason=reason or f"again, by {desk.by}",
    )
    approved = PromotionReviewed(promotion=again, decision="approved", by=desk.by, comment=reason, commit=commit)
    desk.record(event, approved)
    desk.publish(f"skill(promote): record {found.skill} again")
    return event


def _find(desk: Desk, promotion: str, review: Review | None) -> Found:
    found = find_promotion(desk.repository, desk.repository.head(), promotion, review)
    if found:
        return found
    if review and review.state == "being judged":
        raise ReviewError(f"{promotion} is still being judged", hint="haste-run review list")
    if review and review.state == "waiting":
        hint = f"it waits for its review: haste-run review reject {promotion}"
        raise ReviewError(f"{promotion} is not on {desk.repository.branch()}", hint=hint)
    raise ReviewError(f"there is no promotion {promotion!r}", hint="haste-run skills history NAME shows their ids")


def _commit(desk: Desk, branch: str, files: Mapping[str, bytes | None], message: str) -> str:
    """One commit on a branch of its own, merged into the workspace's."""
    repository = desk.repository
    commit = repository.tip(branch) or repository.publish(branch, files, message, base=repository.head())
    repository.merge(branch, f"Merge {branch}\n", only=("skills",))
    repository.delete_branch(branch, expected=commit)
    return commit


def _message(found: Found, reason: str) -> str:
    trailers: dict[str, str] = {Trailer.ROLLED_BACK: found.promotion}
    return compose_message(f"skill(rollback): {found.skill}", reason, trailers)


def _loaded_by(desk: Desk, found: Found, review: Review | None) -> tuple[str, ...]:
    """The runs that had loaded the version which the promotion brought."""
    versions = {skill.version for skill in desk.skills.load(found.commit, within=[found.folder])}
    versions |= {review.version} if review and review.version else set()
    return tuple(
        run
        for run, recorded in desk.history.runs()
        for event in (one.event for one in recorded)
        if isinstance(event, SkillsLoaded)
        and any(skill.name == found.skill and skill.version in versions for skill in event.skills)
    )
