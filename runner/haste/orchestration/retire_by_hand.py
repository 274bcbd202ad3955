"""Retiring a skill on a person's word."""

from haste.core.events import PromotionReviewed, SkillRetired
from haste.core.lint import SKILL_FILE
from haste.core.skill import Skill
from haste.errors import UsageError
from haste.orchestration.desk import Desk
from haste.orchestration.promote import Mandate, promotion_id, retire
from haste.orchestration.provenance import retired_unheard
from haste.orchestration.skill_history import find_skill


def retire_by_hand(desk: Desk, name: str, reason: str) -> SkillRetired:
    """Take a skill out of the workspace's branch, and record it. Rolling that back brings it back."""
    try:
        skill = find_skill(desk, name)
    except UsageError:
        event = _unrecorded(desk, name, reason)
        if event is None:
            raise
        merged = desk.repository.head()
    else:
        event, merged = _taken_out(desk, skill, reason)
    approved = PromotionReviewed(
        promotion=event.promotion, decision="approved", by=desk.by, comment=reason, commit=merged
    )
    desk.record(event, approved)
    desk.publish(f"skill(retire): record {event.skill}")
    return event


def _taken_out(desk: Desk, skill: Skill, reason: str) -> tuple[SkillRetired, str]:
    """The commit that takes it out, merged: what to record of it, and the merge."""
    head = desk.repository.head()
    promotion = promotion_id("retire", skill.path, f"{skill.version} {head}")
    mandate = Mandate(
        branch=f"haste/retire/{promotion}",
        run="",
        event=desk.stream,
        decision="retire",
        reason=reason,
        promotion=promotion,
    )
    done = retire(desk.repository, skill, mandate)
    merged = desk.repository.merge(mandate.branch, f"Merge {mandate.branch}\n", only=("skills",))
    desk.repository.delete_branch(mandate.branch, expected=done.commit)
    return SkillRetired(
        promotion=promotion, skill=skill.name, path=skill.path, commit=done.commit, reason=reason
    ), merged


def _unrecorded(desk: Desk, name: str, reason: str) -> SkillRetired | None:
    """What a call that ended between the merge and the event would have recorded."""
    commit = retired_unheard(desk.repository, desk.repository.head(), name.rpartition("/")[2], desk.reviews())
    if commit is None:
        return None
    path = next(path for path in commit.paths if path.endswith(f"/{SKILL_FILE}")).rsplit("/", 1)[0]
    return SkillRetired(
        promotion=commit.promotion,
        skill=path.rsplit("/", 1)[-1],
        path=path,
        commit=commit.id,
        reason=reason or commit.said,
    )
