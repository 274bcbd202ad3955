"""The predictions that are kept of each evaluation, and how rows of several views come together."""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from haste.adapters.competitions.arrays import Arrays, digest, load_arrays, save_arrays
from haste.adapters.competitions.columns import Floats, Integers
from haste.adapters.competitions.places import Places
from haste.core.competition import Fold
from haste.errors import WorkspaceError

WIDE = 16
"""Tables of more columns than this are kept in single precision."""


@dataclass(frozen=True)
class Kept:
    """What one evaluation predicted for the fold's rows, the test rows and the lockbox, each rows × columns.

    For a metric over labels the columns are class probabilities, and for grades the one value behind the grade;
    `soft` says whether the script told them, or only its labels did. `labels` are the script's own labels.
    """

    oof: Floats
    test: Floats
    lockbox: Floats
    soft: bool
    oof_labels: Integers | None = None
    test_labels: Integers | None = None
    lockbox_labels: Integers | None = None


def keep(places: Places, run: str, solution: str, fold: Fold, kept: Kept) -> str:
    """Write predictions whole or not at all; returns the digest of their content."""
    return save_arrays(places.predictions(run, solution, fold), _arrays(kept))


def recall(places: Places, run: str, solution: str, fold: Fold) -> Kept:
    """The predictions of one evaluation. Raises WorkspaceError where they are gone or broken."""
    arrays = load_arrays(places.predictions(run, solution, fold))
    labels = {f"{n}_labels": cast(Integers | None, arrays.get(f"{n}_labels")) for n in ("oof", "test", "lockbox")}
    return Kept(
        oof=arrays["oof"].astype(np.float64),
        test=arrays["test"].astype(np.float64),
        lockbox=arrays["lockbox"].astype(np.float64),
        soft=bool(arrays["soft"]),
        **labels,
    )


def is_kept(places: Places, run: str, solution: str, fold: Fold, wanted: str) -> bool:
    """Whether predictions with this digest are there."""
    try:
        return digest(load_arrays(places.predictions(run, solution, fold))) == wanted
    except WorkspaceError:
        return False


def _arrays(kept: Kept) -> Arrays:
    wide = kept.test.shape[1] > WIDE
    precision = np.float32 if wide else np.float64
    arrays: dict[str, NDArray[np.generic]] = {
        "oof": kept.oof.astype(precision),
        "test": kept.test.astype(precision),
        "lockbox": kept.lockbox.astype(precision),
        "soft": np.array(kept.soft),
    }
    for name in ("oof_labels", "test_labels", "lockbox_labels"):
        value = getattr(kept, name)
        if value is not None:
            arrays[name] = value
    return arrays
