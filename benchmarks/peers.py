"""HASTE against AutoGluon, FLAML and LightGBM's defaults at equal wall time, graded on the answers.

    python benchmarks/peers.py ../shared/competitions/titanic … --seconds 60 --seeds 0 1 2 --out results.jsonl

Without folders: every table and series of the collection that HASTE_COMPETITIONS names. Each system gets a copy of
the public folder, the same two cores and the same seconds, in an environment of its own that is made on first use
under `.haste/bench/`; the wall time of its whole process is measured. A peer may spend all of the seconds on
fitting and starts up on top of that, HASTE's seconds are for the whole run. HASTE begins with an empty head: a
fresh workspace, `--skills none`. Systems take turns on each competition, so that noise hits all alike. Every result
is a line of the results at once: stop it any time, and call it again to go on. The tables are printed at the end.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from measured.contest import competition_folders, stoppable
from measured.environments import python_of
from measured.results import Results
from measured.standings import standings
from measured.systems import SYSTEMS, Match, play

BENCH = Path(__file__).resolve().parents[1] / ".haste" / "bench"
KEY = ("competition", "system", "preset", "seconds", "seed")


def options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="competitions; default: all tables")
    parser.add_argument(
        "--seconds", type=float, nargs="+", default=[60.0], help="time of a run; several are allowed"
    )
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument(
        "--preset", default="", help="AutoGluon's; default: medium_quality below 300 s, else best_quality"
    )
    parser.add_argument(
        "--haste", default="--skills none", metavar="OPTIONS", help="of haste-run solve, as one text"
    )
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--out", type=Path, default=BENCH / "peers.jsonl")
    parser.add_argument("--bench", type=Path, default=BENCH, help="where the environments and the logs are")
    parser.add_argument("--table-only", action="store_true", help="print the tables of the results that are there")
    parser.add_argument("--install-only", action="store_true", help="make the environments and stop")
    return parser.parse_args()


def matches(asked: argparse.Namespace, folders: Sequence[Path]) -> Iterator[Match]:
    """Every run, with the systems taking turns."""
    for folder in folders:
        for seed in asked.seeds:
            for seconds in asked.seconds:
                for system in asked.systems:
                    preset = preset_of(system, seconds, asked)
                    given = 0.0 if system == "lightgbm" else seconds  # it has no use for time
                    yield Match(folder, system, preset, given, seed, asked.cores)


def preset_of(system: str, seconds: float, asked: argparse.Namespace) -> str:
    """What tells two configurations of a system apart."""
    if system == "autogluon":
        return str(asked.preset or ("medium_quality" if seconds < 300 else "best_quality"))
    return str(asked.haste) if system == "haste" else ""


def main() -> None:
    """Measure what is missing, then print the tables."""
    asked = options()
    results = Results(asked.out, KEY)
    if not asked.table_only:
        for system in asked.systems:
            if system != "haste":
                python_of(system, asked.bench.resolve())
        if asked.install_only:
            return
        for match in matches(asked, competition_folders(asked.folders, ("tabular", "timeseries"))):
            if results.find(match.key()) is None:
                row = play(match, asked.bench.resolve())
                results.add(row)
                told = row.get("error") or f"{row['metric']} {row['score']:.5f}"
                print(
                    f"{row['competition']}: {match.system} seed {match.seed}, {row['wall']} s: {told}",
                    file=sys.stderr,
                )
    print(standings(results.rows))


if __name__ == "__main__":
    stoppable(main)
