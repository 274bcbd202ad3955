"""Effects with their errors, and what several of them say together."""

from collections.abc import Sequence
from math import sqrt

from haste.core.learning import Recipe
from haste.core.model import Frozen
from haste.core.statistics import mean, standard_error

CLEAR = 2.0
"""Standard errors between an effect and zero for its sign to count as known: the usual 95 %."""
_STUDENT = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13)
"""Student's t at 97.5 % for 1, 2, 3, … degrees of freedom."""


class Estimate(Frozen):
    """A relative gain and its standard error; positive is better."""

    gain: float
    error: float | None = None

    @property
    def clear(self) -> bool:
        """Whether the interval excludes zero. An effect nobody can give an error for is never clear."""
        return self.error is not None and self.gain != 0.0 and abs(self.gain) > CLEAR * self.error

    @property
    def sign(self) -> int:
        """1 for a gain, -1 for a loss, 0 for neither."""
        return (self.gain > 0) - (self.gain < 0)

    def shared(self, among: int) -> "Estimate":
        """An equal part of an effect that several things had together; the error is left to each whole."""
        return Estimate(gain=self.gain / max(1, among), error=self.error)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The ends of the interval, where there is an error."""
        if self.error is None:
            return None
        return self.gain - CLEAR * self.error, self.gain + CLEAR * self.error

    def __str__(self) -> str:
        ends = self.interval
        return f"{self.gain:+.3f}" + (f" ({ends[0]:+.3f} to {ends[1]:+.3f})" if ends else "")


def measured(gain: float, error: float | None, comparisons: int) -> Estimate:
    """An estimate from so many paired comparisons, its error stretched by what so few of them leave unknown.

    A standard error from two folds is itself a guess: its interval is six times as wide as the usual one (Student).
    A single comparison is a rule of thumb whose error somebody set; it stands as it is.
    """
    if error is None or comparisons < 2:
        return Estimate(gain=gain, error=error)
    freedom = comparisons - 1
    quantile = _STUDENT[freedom - 1] if freedom <= len(_STUDENT) else CLEAR
    return Estimate(gain=gain, error=error * max(1.0, quantile / CLEAR))


def told_by(recipe: Recipe) -> Estimate:
    """What a recipe's numbers say."""
    return measured(recipe.gain, recipe.error, recipe.trials)


SEVERAL = 4
"""Independent estimates from which on they tell by themselves how far apart they are."""


def over(estimates: Sequence[Estimate]) -> Estimate | None:
    """What independent estimates say of the next one like them; None for none.

    From several on, their plain mean, with Student's interval by how far they are apart: an estimate's own error
    then needs no belief, and one from few folds counts as much as any. Else they are pooled by their errors.
    """
    gains = [estimate.gain for estimate in estimates]
    if len(gains) < SEVERAL:
        return pool(estimates)
    centre = mean(gains)
    return measured(centre, max(standard_error(gains) or 0.0, 1e-6), len(gains))


def pool(estimates: Sequence[Estimate]) -> Estimate | None:
    """The mean over independent estimates, weighted by precision, with what they differ by beyond their errors.

    Random effects (DerSimonian and Laird): where competitions disagree more than their errors explain, the
    interval widens. Estimates without an error, or of no error at all, don't count; None when none is left.
    """
    usable = [(e.gain, e.error) for e in estimates if e.error is not None and e.error > 0.0]
    if not usable:
        return None
    weights = [1.0 / error**2 for _, error in usable]
    total = sum(weights)
    centre = sum(w * gain for w, (gain, _) in zip(weights, usable, strict=True)) / total
    spread = sum(w * (gain - centre) ** 2 for w, (gain, _) in zip(weights, usable, strict=True))
    scale = total - sum(w * w for w in weights) / total
    between = max(0.0, (spread - (len(usable) - 1)) / scale) if scale > 0.0 else 0.0
    weights = [1.0 / (error**2 + between) for _, error in usable]
    total = sum(weights)
    gain = sum(w * gain for w, (gain, _) in zip(weights, usable, strict=True)) / total
    return Estimate(gain=gain, error=sqrt(1.0 / total))
