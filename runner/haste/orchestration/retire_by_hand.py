"""Retiring a skill on a person's word."""

from haste.core.events import PromotionReviewed, SkillRetired
from haste.orchestration.desk import Desk
from haste.orchestration.promote import Mandate, promotion_id, retire
from haste.orchestration.skill_history import find_skill


def retire_by_hand(desk: Desk, name: str, reason: str) -> SkillRetired:
    """Take a skill out of the workspace's branch, and record it. Rolling that back brings it back."""
    skill = find_skill(desk, name)
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
    event = SkillRetired(promotion=promotion, skill=skill.name, path=skill.path, commit=done.commit, reason=reason)
    approved = PromotionReviewed(
        promotion=promotion, decision="approved", by=desk.by, comment=reason, commit=merged
    )
    desk.record(event, approved)
    desk.publish(f"skill(retire): record {skill.name}")
    return event
