"""Who else saw the effect of a learning: evidence over competitions, pooled by competition first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from haste.core.claim import claim_of_learning, same_matter
from haste.core.competition import DOMAINS
from haste.core.learning import Learning
from haste.core.pooling import Estimate, over, pool, told_by
from haste.core.similarity import stem, stems
from haste.engineers.offline.catalogue import moves_of

NEUTRAL = frozenset(
    stems(
        "seed fold calibrate calibration stop stopping early weights target threshold probabilities labels "
        "duplicate deduplicate oversampling snapshot"
    )
)
"""Words of moves that belong to no domain: targets, folds, seeds, calibration, weights of rows, stopping."""
_FEATURES = frozenset(stems("encoding mean features neighbour"))
"""Words that make a feature of tables even of the target."""


@dataclass(frozen=True)
class Witnesses:
    """What the competitions that saw a change say together."""

    own: Estimate
    pooled: Estimate
    competitions: frozenset[str]
    """Where the effect has the learning's sign, at least one error away from zero; its own included."""
    domains: frozenset[str]
    clearly: frozenset[str] = field(default_factory=frozenset)
    """Where it is clear by itself."""
    against: frozenset[str] = field(default_factory=frozenset)
    """Where the opposite was clear."""
    neutral: bool = False
    consistent: bool = True
    """Whether the learning's words agree with its number."""

    effect: bool = True
    """Whether it claims an effect at all."""

    @property
    def general(self) -> bool:
        """Whether this is evidence for everybody: two competitions of two domains, or of a move of no domain."""
        several = len(self.competitions) >= 2 and (len(self.domains) >= 2 or self.neutral)
        together = self.pooled.clear or len(self.clearly) >= 2 + len(self.against)
        return several and together and not self.doubt

    @property
    def doubt(self) -> str:
        """Why the sign isn't known; '' where it is."""
        if not self.consistent:
            return "its words and its number contradict each other"
        if not self.effect:
            return f"no clear effect: {self.own}"
        if self.against and len(self.against) >= len(self.competitions):
            return f"the opposite was seen in {', '.join(sorted(self.against))}"
        if not self.pooled.clear and len(self.clearly) <= len(self.against):
            return f"the sign isn't clear: {self.pooled}"
        return ""


def weigh(learning: Learning, others: Sequence[Learning]) -> Witnesses:
    """The learning beside those of other runs that speak of the same change."""
    claim = claim_of_learning(learning)
    by_competition: dict[str, list[Estimate]] = {learning.competition: [oriented(learning)]}
    domain = {learning.competition: learning.domain}
    for other in others:
        if (other.run, other.id) != (learning.run, learning.id) and same_matter(learning, other):
            by_competition.setdefault(other.competition, []).append(oriented(other))
            domain[other.competition] = other.domain
    merged = {name: pool(estimates) or estimates[0] for name, estimates in by_competition.items()}
    sign = oriented(learning).sign
    backing = frozenset(
        n for n, e in merged.items() if e.sign == sign and e.error is not None and abs(e.gain) >= e.error
    )
    return Witnesses(
        own=own(learning),
        pooled=_worded(over(list(merged.values())), claim.polarity) or own(learning),
        competitions=backing,
        domains=frozenset(domain[n] for n in backing),
        clearly=frozenset(n for n, e in merged.items() if e.sign == sign and e.clear),
        against=frozenset(n for n, e in merged.items() if e.sign == -sign and e.clear),
        neutral=neutral(learning.recipe.move),
        consistent=consistent(learning),
        effect=claim.sign != 0,
    )


def own(learning: Learning) -> Estimate:
    """What the learning itself measured."""
    return told_by(learning.recipe)


def oriented(learning: Learning) -> Estimate:
    """Its effect on the change itself, so that `dropping X` and `X` point the same way."""
    polarity = claim_of_learning(learning).polarity
    told = told_by(learning.recipe)
    return Estimate(gain=polarity * told.gain, error=told.error)


def _worded(estimate: Estimate | None, polarity: int) -> Estimate | None:
    """An effect on the change itself, told as the learning words it."""
    return estimate and Estimate(gain=polarity * estimate.gain, error=estimate.error)


def consistent(learning: Learning) -> bool:
    """Whether `helps` stands beside a gain and `hurts` beside a loss."""
    sign = own(learning).sign
    return (learning.recipe.effect, sign) not in {("helps", -1), ("hurts", 1), ("helps", 0), ("hurts", 0)}


def neutral(move: str) -> bool:
    """Whether a move belongs to no domain: several catalogues have it, or its name speaks of what all data have."""
    parts = {stem(part) for part in move.split("-")}
    return move in _shared_moves() or (bool(parts & NEUTRAL) and not parts & _FEATURES)


@cache
def _shared_moves() -> frozenset[str]:
    counts = Counter(move.name for domain in DOMAINS if domain != "general" for move in moves_of(domain))
    return frozenset(name for name, domains in counts.items() if domains > 1)
