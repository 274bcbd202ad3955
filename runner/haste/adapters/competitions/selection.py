"""Choosing members and weights on some parts and scoring the choice on others.

The weights come from greedy forward selection with replacement (Caruana, Niculescu-Mizil, Crew and Ksikes,
"Ensemble Selection from Libraries of Models", ICML 2004): again and again the candidate is added that helps the
mean most.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from haste.adapters.competitions.columns import Floats, Predictions, ranks
from haste.adapters.competitions.confusion import confusions, from_confusion
from haste.adapters.competitions.decoding import Decoder, fit_decoder, matching_decoder
from haste.adapters.competitions.mixing import mixed
from haste.adapters.competitions.pooling import Part
from haste.adapters.competitions.scoring import UndefinedScore, score
from haste.adapters.competitions.truth import HARD, Truth
from haste.core.metric import Metric

CONSIDERED = 12
"""Candidates that take part in the greedy search: the best ones."""
ROUNDS = 4
"""Greedy additions a member."""

Weights = dict[str, float]


@dataclass(frozen=True)
class Chooser:
    """How choices are made for one metric."""

    metric: Metric
    classes: tuple[str, ...]
    limit: int

    def ranked(self, parts: Sequence[Part]) -> list[str]:
        """Candidates, best first; equal ones in the order given."""
        names = list(parts[0].scaled)
        scored = [(self._loss(parts, {n: 1.0}), i, n) for i, n in enumerate(names)]
        return [n for _, _, n in sorted(scored)]

    def uniform(self, parts: Sequence[Part], ranked: Sequence[str]) -> Weights:
        """The best candidates with equal weights: two or more, as many as are best together, at most `limit`."""
        sizes = range(min(2, len(ranked)), min(self.limit, len(ranked)) + 1) or range(1, 2)
        choices = [dict.fromkeys(ranked[:size], 1.0) for size in sizes]
        return min(choices, key=lambda weights: self._loss(parts, weights))

    def weighted(self, parts: Sequence[Part], ranked: Sequence[str]) -> Weights:
        """Greedy selection with replacement, from the best candidate on."""
        names = list(ranked[:CONSIDERED])
        counts: Weights = {names[0]: 1.0}
        best = self._loss(parts, counts)
        for _ in range(ROUNDS * self.limit):
            free = [n for n in names if n in counts or len(counts) < self.limit]
            tries = [(self._loss(parts, {**counts, n: counts.get(n, 0.0) + 1.0}), n) for n in free]
            loss, name = min(tries, key=lambda pair: pair[0])
            if loss >= best - 1e-12:
                break
            best, counts[name] = loss, counts.get(name, 0.0) + 1.0
        return counts

    def decoder(self, parts: Sequence[Part], weights: Weights) -> Decoder | None:
        """The decoder for a choice, fitted on the rows it was made on; None where nothing is decoded."""
        if self.metric.kind not in HARD:
            return None
        actual = np.concatenate([p.actual for p in parts]).astype(np.int64)
        values = np.concatenate([self.mix(p, weights) for p in parts])
        number = np.concatenate([np.full(len(p.actual), i, dtype=np.int64) for i, p in enumerate(parts)])
        return fit_decoder(self.metric, self.classes, actual, values, number)

    def mix(self, part: Part, weights: Weights) -> Floats:
        """The weighted mean of a choice's members on a part."""
        return mixed(self.metric, [part.scaled[n] for n in weights], list(weights.values()))

    def value(self, part: Part, weights: Weights, decoder: Decoder | None) -> float:
        """The score of a choice on a part; NaN where the metric has none there."""
        mean = self.mix(part, weights)
        predicted: Predictions = mean if decoder is None else decoder.labels(mean)
        try:
            return score(self.metric, part.actual, predicted, self.classes, partial=True)
        except UndefinedScore:
            return float("nan")

    def _loss(self, parts: Sequence[Part], weights: Weights) -> float:
        values = [self._quick(part.actual, self.mix(part, weights)) for part in parts]
        known = [v for v in values if np.isfinite(v)]
        mean = float(np.mean(known)) if known else 0.0
        return -mean if self.metric.direction == "maximize" else mean

    def _quick(self, actual: Truth, values: Floats) -> float:
        if self.metric.kind in HARD:
            true = actual.astype(np.int64)
            predicted = matching_decoder(self.metric, self.classes, true, values).labels(values)
            return float(
                from_confusion(self.metric.name, confusions(true, predicted[None, :], len(self.classes)))[0]
            )
        if self.metric.name in ("roc_auc", "gini"):
            return _area(actual, values)
        if self.metric.name == "rmse":
            return float(np.mean(np.sqrt(np.mean((actual - values) ** 2, axis=0))))
        if self.metric.name == "log_loss":
            told = values[np.arange(len(actual)), actual] / values.sum(axis=1)
            return -float(np.mean(np.log(np.clip(told, np.finfo(values.dtype).eps, 1.0))))
        try:
            return score(self.metric, actual, values, self.classes, partial=True)
        except UndefinedScore:
            return float("nan")


def _area(actual: Truth, values: Floats) -> float:
    areas = []
    for i in range(actual.shape[1]):
        positive = actual[:, i] > 0
        ones, zeros = int(positive.sum()), int((~positive).sum())
        if ones and zeros:
            areas.append((ranks(values[:, i])[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros))
    return float(np.mean(areas)) if areas else float("nan")
