"""Which skills should leave the tree, told from the logs; `haste.orchestration.promote.retire` takes one out."""

from haste.core.retirement import Proposal, proposals
from haste.ports import History, SkillStore
from haste.projections.evidence import evidence_by_name


def propose_retirements(skills: SkillStore, history: History) -> list[Proposal]:
    """Every standing skill that has been tried enough and doesn't help, or is one too many."""
    return proposals(skills.load(), evidence_by_name(history.runs()))
