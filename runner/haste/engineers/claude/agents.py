"""The agents of the paper: who is asked what, which skills each of them reads, and how much of a skill.

The orchestrator decides about competitions and learnings and sees the inventory as a catalogue. A specialist, one
for each domain, drafts, improves and draws learnings; the run's engineer mends what failed. A specialist who drafts
sees one line a skill, so that prototypes stay different.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from haste.core.events import Purpose
from haste.core.messages import Effort
from haste.core.scope import Scope
from haste.core.skill import LoadedSkill

Length = Literal["none", "line", "body"]


@dataclass(frozen=True)
class Agent:
    """One agent at one question."""

    name: str
    scopes: tuple[Scope, ...]
    length: Length
    tokens: int
    """Output tokens that an answer may have, thinking included."""
    effort: Effort

    def reads(self, skills: Sequence[LoadedSkill]) -> list[LoadedSkill]:
        """The skills of its scopes, in the order of the inventory."""
        return [one for one in skills if one.skill.scope in self.scopes]


_ALL = (Scope.GLOBAL, Scope.DOMAIN, Scope.COMPETITION)
_OWN = (Scope.GLOBAL, Scope.COMPETITION)

AGENTS: dict[Purpose, Agent] = {
    "domain": Agent("orchestrator", (), "none", tokens=2_000, effort="low"),
    "draft": Agent("specialist", _ALL, "line", tokens=24_000, effort="high"),
    "improve": Agent("specialist", _ALL, "body", tokens=16_000, effort="medium"),
    "debug": Agent("engineer", _OWN, "body", tokens=16_000, effort="medium"),
    "distil": Agent("specialist", _ALL, "body", tokens=8_000, effort="medium"),
    "judge": Agent("orchestrator", _ALL, "line", tokens=4_000, effort="medium"),
}
"""Who answers which question."""
