"""Views: the data as one evaluation sees it, in which the labels of the fold's rows stand nowhere."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from haste.adapters.competitions.arrays import load_arrays, save_arrays
from haste.adapters.competitions.checks import content_ids
from haste.adapters.competitions.columns import Rows, Strings
from haste.adapters.competitions.folds import Split, split
from haste.adapters.competitions.ordering import times
from haste.adapters.competitions.places import Places, appearing
from haste.adapters.competitions.rowfiles import Mover, path_of
from haste.adapters.competitions.source import Source, sample_for
from haste.adapters.competitions.tables import Table
from haste.adapters.competitions.truth import truth
from haste.core.competition import Competition, Fold, FoldPlan, Profile
from haste.errors import CompetitionError

_SHUFFLE = 4


@dataclass(frozen=True)
class Key:
    """What the rows of a view's test table are, in its order."""

    rows: Rows
    """Position in the training table, or `train_rows` + position in the test table."""
    ids: Strings
    """The id that each row has in the view."""
    train_rows: int

    def places(self, rows: Rows) -> Rows:
        """Where in the view's test table the given rows stand."""
        where = np.full(int(self.rows.max(initial=0)) + 1, -1, dtype=np.int64)
        where[self.rows] = np.arange(len(self.rows))
        if (absent := rows[where[rows] < 0]).size:
            raise CompetitionError(
                "data",
                [f"{absent.size} of the fold's rows are not in the view that was made of it"],
                hint="an earlier version made the view by other folds; start the run anew",
            )
        return where[rows]


def make_view(
    places: Places, run: str, competition: Competition, profile: Profile, source: Source, fold: Fold
) -> Path:
    """The folder of a view; made when it isn't there yet."""
    folder = places.view(run, fold)
    if folder.is_dir() and places.key(run, fold).is_file():
        return folder
    actual = truth(competition, profile.classes, source.train)
    cut = split(profile.folds, fold, source.train, actual)
    key = _key(competition, profile.folds, source, cut, fold)
    save_arrays(places.key(run, fold), {"rows": key.rows, "ids": key.ids, "train_rows": np.array(key.train_rows)})
    with appearing(folder) as making:
        test = _test_table(competition, source, key)
        source.train.take(cut.train).plain().write(_parent_made(making / competition.train))
        test.plain().write(_parent_made(making / competition.test))
        sample_for(competition, source, test, key.ids).plain().write(_parent_made(making / competition.sample))
        _add_files(places, competition, source, cut, key, making)
    return folder


def read_key(places: Places, run: str, fold: Fold) -> Key:
    """The key of a view that was made before."""
    arrays = load_arrays(places.key(run, fold))
    return Key(
        rows=cast(Rows, arrays["rows"]),
        ids=arrays["ids"].astype(object),
        train_rows=int(arrays["train_rows"]),
    )


def renumbers(competition: Competition, source: Source) -> bool:
    """Whether the test side of views gets ids of its own, because the two tables' ids collide."""
    column = competition.id_column
    if column not in source.train.columns:
        return True
    if content_ids(source.test, column):
        return False
    return not set(source.train.text(column)).isdisjoint(source.test.text(column))


def _key(competition: Competition, plan: FoldPlan, source: Source, cut: Split, fold: Fold) -> Key:
    offset = source.train.rows
    tests = np.arange(offset, offset + source.test.rows, dtype=np.int64)
    rows = np.concatenate([cut.held, cut.lockbox, tests])
    if plan.kind == "forward":
        order = _by_time(competition, source, cut, plan)
    else:
        order = np.random.default_rng((plan.seed + fold.repeat, fold.number, _SHUFFLE)).permutation(len(rows))
    if fold.full:
        order = np.arange(len(rows))
    rows = rows[order]
    if renumbers(competition, source):
        ids = np.array([str(i) for i in range(1, len(rows) + 1)], dtype=object)
    else:
        column = competition.id_column
        ids = np.concatenate([source.train.text(column), source.test.text(column)])[rows]
    return Key(rows=rows, ids=ids, train_rows=offset)


def _by_time(competition: Competition, source: Source, cut: Split, plan: FoldPlan) -> Rows:
    test = times(source.test, plan.column or "")
    if test is None:
        raise CompetitionError(competition.id, [f"the time column {plan.column!r} can't be read in the test table"])
    after = np.argsort(test, kind="stable").astype(np.int64)
    return np.concatenate([np.arange(len(cut.held), dtype=np.int64), len(cut.held) + after])


def _test_table(competition: Competition, source: Source, key: Key) -> Table:
    column = competition.id_column
    train, test = source.train, source.test
    if column not in train.columns:
        train = Table(frame=train.frame.assign(**{column: ""}), format=train.format)
    joined = test.take(np.arange(0)).joined(train.keep(test.columns)).joined(test)
    table = joined.take(key.rows)
    if not renumbers(competition, source):
        return table
    return table.replaced(column, [int(i) for i in key.ids])


def _add_files(
    places: Places, competition: Competition, source: Source, cut: Split, key: Key, making: Path
) -> None:
    root = Path(competition.root)
    for name in ("description.md", "README.md", "readme.md"):
        if (root / name).is_file():
            (making / "description.md").write_bytes((root / name).read_bytes())
            break
    mover = Mover(root, places.pool(competition.id))
    mover.move(((name, name) for name in competition.shared_files), making)
    column = competition.id_column
    if not competition.row_files:
        return
    train_ids, test_ids = source.train.text(column), source.test.text(column)
    for files in competition.row_files:
        pairs = [(path_of(files.train, str(i)), path_of(files.train, str(i))) for i in train_ids[cut.train]]
        for row, new in zip(key.rows, key.ids, strict=True):
            old = train_ids[row] if row < key.train_rows else test_ids[row - key.train_rows]
            pattern = files.train if row < key.train_rows else files.test
            pairs.append((path_of(pattern, str(old)), path_of(files.test, str(new))))
        mover.move(_safe(competition, pairs), making)


def _safe(competition: Competition, pairs: list[tuple[str | None, str | None]]) -> list[tuple[str, str]]:
    if any(a is None or b is None for a, b in pairs):
        raise CompetitionError(competition.id, ["an id would lead to a file outside the folder"])
    return cast(list[tuple[str, str]], pairs)


def _parent_made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
