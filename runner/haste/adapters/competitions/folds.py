"""Which rows a fold holds out. A plan and its seed say everything; nothing is stored."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from haste.adapters.competitions.columns import Floats, Rows, codes
from haste.adapters.competitions.ordering import groups, times
from haste.adapters.competitions.tables import Table
from haste.adapters.competitions.truth import Truth
from haste.core.competition import Fold, FoldPlan
from haste.errors import CompetitionError

FIRST_SHARE = 0.4
"""Share of the rows that even the first of the forward folds trains on."""

_LOCKBOX, _FOLDS, _PARTS, _TENTH = 1, 2, 3, 5


@dataclass(frozen=True)
class Split:
    """Positions of training rows: to train on, held out as the fold, and locked away."""

    train: Rows
    held: Rows
    lockbox: Rows


def split(plan: FoldPlan, fold: Fold, train: Table, truth: Truth) -> Split:
    """The rows of one fold. `full` trains on everything, the lockbox too, and holds nothing out."""
    whole = _split(plan, fold, train, truth)
    if not fold.tenth:
        return whole
    units = strata(truth)[whole.train] if plan.kind == "stratified" else np.zeros(len(whole.train), dtype=np.int64)
    order = np.lexsort((np.random.default_rng((plan.seed, fold.number, _TENTH)).permutation(len(units)), units))
    # Every tenth of the rows sorted by class, and the first of each class: none is missing.
    chosen = np.zeros(len(units), dtype=np.bool_)
    chosen[order[::10]] = True
    chosen[order[np.unique(units[order], return_index=True)[1]]] = True
    return Split(whole.train[chosen], whole.held, whole.lockbox)


def _split(plan: FoldPlan, fold: Fold, train: Table, truth: Truth) -> Split:
    everything = np.arange(train.rows, dtype=np.int64)
    nothing = everything[:0]
    if fold.full:
        return Split(everything, nothing, nothing)
    if plan.kind == "forward":
        before, held = _forward(plan, fold, _times(plan, train))
        return Split(before, held, nothing)
    units = _units(plan, train, truth)
    locked = _locked(plan, units)
    open_rows = everything[~locked]
    number = np.full(train.rows, -1, dtype=np.int64)
    number[open_rows] = _deal(plan, units[open_rows], plan.folds, (plan.seed + fold.repeat, _FOLDS))
    return Split(
        everything[(number != fold.number) & ~locked], everything[number == fold.number], everything[locked]
    )


def lockbox(plan: FoldPlan, train: Table, truth: Truth) -> Rows:
    """Positions of the rows that no fold holds out and no view but the full one trains on."""
    if plan.kind == "forward" or plan.lockbox_share == 0.0:
        return np.array([], dtype=np.int64)
    return np.flatnonzero(_locked(plan, _units(plan, train, truth))).astype(np.int64)


def lockbox_parts(plan: FoldPlan, train: Table, truth: Truth, parts: int) -> NDArray[np.int64]:
    """A part number for each lockbox row, so that choices among them can be cross-fitted."""
    rows = lockbox(plan, train, truth)
    return _deal(plan, _units(plan, train, truth)[rows], parts, (plan.seed, _PARTS))


def strata(truth: Truth) -> NDArray[np.int64]:
    """What stratified folds spread evenly: the class, or the rarest label that a row has."""
    if truth.ndim == 1:
        return np.asarray(truth, dtype=np.int64)
    if truth.shape[1] == 1:
        return np.asarray(truth[:, 0], dtype=np.int64)
    rare = np.argsort(truth.sum(axis=0), kind="stable")
    has = truth[:, rare] > 0
    return np.asarray(np.where(has.any(axis=1), has.argmax(axis=1), truth.shape[1]), dtype=np.int64)


def _units(plan: FoldPlan, train: Table, truth: Truth) -> NDArray[np.int64]:
    if plan.kind == "stratified":
        return strata(truth)
    if plan.kind == "grouped":
        values = groups(train, plan.column or "")
        if values is None:
            raise CompetitionError("data", [f"the group column {plan.column!r} is gone from the training table"])
        return codes(values)[0]
    return np.zeros(train.rows, dtype=np.int64)


def _locked(plan: FoldPlan, units: NDArray[np.int64]) -> NDArray[np.bool_]:
    if plan.lockbox_share == 0.0:
        return np.zeros(len(units), dtype=np.bool_)
    number = _deal(plan, units, round(1.0 / plan.lockbox_share), (plan.seed, _LOCKBOX))
    if plan.kind != "grouped":
        return np.asarray(number == 0)
    # One large group may fill a pile far beyond its share: the pile is taken that comes nearest.
    sizes = np.bincount(number)
    off = np.where(sizes > 0, np.abs(sizes - plan.lockbox_share * len(units)), np.inf)
    return np.asarray(number == off.argmin())


def _deal(plan: FoldPlan, units: NDArray[np.int64], piles: int, seed: tuple[int, int]) -> NDArray[np.int64]:
    chance = np.random.default_rng(seed)
    if plan.kind == "grouped":
        return _deal_groups(units, piles, chance)
    # Dealing rows sorted by stratum makes both the strata and the piles as even as they can be.
    order = np.lexsort((chance.permutation(len(units)), units))
    number = np.empty(len(units), dtype=np.int64)
    number[order] = np.arange(len(units)) % piles
    return chance.permutation(piles)[number].astype(np.int64)


def _deal_groups(units: NDArray[np.int64], piles: int, chance: np.random.Generator) -> NDArray[np.int64]:
    names, inverse, sizes = np.unique(units, return_inverse=True, return_counts=True)
    # Large groups first makes even piles; by size alone, every seed would make the same ones.
    order = np.argsort(-sizes * chance.uniform(0.5, 1.5, len(names)), kind="stable")
    filled, pile_of = np.zeros(piles), np.empty(len(names), dtype=np.int64)
    for group in order:
        pile = int(filled.argmin())
        pile_of[group] = pile
        filled[pile] += sizes[group]
    return np.asarray(chance.permutation(piles)[pile_of][inverse], dtype=np.int64)


def _times(plan: FoldPlan, train: Table) -> Floats:
    values = times(train, plan.column or "")
    if values is None:
        raise CompetitionError("data", [f"the time column {plan.column!r} can't be read in the training table"])
    return values


def _forward(plan: FoldPlan, fold: Fold, when: Floats) -> tuple[Rows, Rows]:
    order = np.argsort(when, kind="stable").astype(np.int64)
    starts = np.unique(when[order], return_index=True)[1]
    bounds = _bounds(plan, fold, len(when), starts.astype(np.int64))
    low, high = bounds[fold.number], bounds[fold.number + 1]
    return order[:low], order[low:high]


def _bounds(plan: FoldPlan, fold: Fold, rows: int, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the blocks begin and end: never within one moment, and elsewhere for a fresh repeat."""
    block = (1.0 - FIRST_SHARE) / plan.folds * rows
    shift = 0.0
    if fold.repeat:
        shift = block * float(np.random.default_rng((plan.seed + fold.repeat, _FOLDS)).uniform(0.25, 0.75))
    ideal = rows - block * np.arange(plan.folds, -1, -1) - shift
    edges = np.append(starts[1:], rows)
    found = np.unique(edges[np.clip(np.searchsorted(edges, ideal), 0, len(edges) - 1)])
    if len(found) <= plan.folds:
        spread = np.linspace(max(0, len(edges) - 1 - plan.folds * 2), len(edges) - 1, plan.folds + 1)
        found = edges[np.unique(spread.astype(np.int64))]
    return found.astype(np.int64)
