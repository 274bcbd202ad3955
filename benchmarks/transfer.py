"""What skills from other competitions are worth on one that was never seen: leave-one-out transfer.

    python benchmarks/transfer.py --competitions titanic soybean fair-affairs … --seconds 60 --seeds 0 1 2

For each seed and competition there is a cold run (no skills), a control (a second cold run with another seed), and
a warm run for each arm. A warm run's workspace has learned from the cold runs of all the *other* competitions:
their logs are judged anew in a fresh workspace, where nothing of the left-out one ever was. Warm runs have the
control's seed, so that they differ from it in nothing but the skills. With --runs-of-each all a warm run has
learned from the cold runs of every seed: several of each of the others, as in a workspace that is kept. Arms:

  tiered    what was learned, and the starter inventory, as a run loads them by default
  flat      all of that, whatever its scope
  none      the same workspace, no skills: what a mere repetition of the control shows
  starter   the starter inventory alone, nothing learned
  poisoned  tiered, but a third of the recipes say the opposite of what was seen

With --parallel N that many runs go on at once, each on --cores of its own: what is counted are changes, and the
cores of one run are never those of another.

Every run is a line of the results at once: stop it any time, and call it again to go on. Without --competitions it
takes every table of the collection that HASTE_COMPETITIONS names.
"""

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from measured.comparison import COLD, CONTROL, comparison
from measured.contest import collection, competition_folders, stoppable
from measured.results import Results, Row
from measured.searches import Search, public_of, search
from measured.slots import in_slots
from measured.systems import haste_version
from measured.warmth import fresh_workspace, warm_workspace

from haste.adapters.competitions import FolderCompetitions
from haste.bootstrap import Workspace
from haste.settings import Settings

BENCH = Path(__file__).resolve().parents[1] / ".haste" / "bench" / "transfer"
KEY = ("competition", "seed", "arm", "seconds", "iterations", "starter", "learned_from")
ARMS = ("tiered", "flat", "none", "starter", "poisoned")
OTHER_SEED = 1000
"""What is added to a seed for its control and its warm runs."""


def options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--competitions", nargs="*", default=[], metavar="ID", help="names in the collection, or folders"
    )
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=["tiered"])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--iterations", type=int, default=20)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument(
        "--parallel", type=int, default=1, metavar="N", help="runs at a time, each on its own cores"
    )
    parser.add_argument(
        "--runs-of-each", choices=("one", "all"), default="one", help="of the others: that of its seed, or of all"
    )
    parser.add_argument("--no-starter", action="store_true", help="begin without the starter inventory")
    parser.add_argument("--keep", action="store_true", help="keep the warm workspaces, to look into them")
    parser.add_argument("--out", type=Path, default=BENCH / "transfer.jsonl")
    parser.add_argument("--table-only", action="store_true", help="print the tables of the results that are there")
    return parser.parse_args()


@dataclass(frozen=True)
class Lessons:
    """What a warm run's workspace has learned from: runs of the library."""

    library: Path
    runs: tuple[str, ...]
    starter: bool
    poison: int | None
    keep: bool


@dataclass(frozen=True)
class Job:
    """One run that is missing in the results."""

    key: Row
    search: Search
    home: Path
    lessons: Lessons | None = None


def measure(job: Job) -> Row:
    """Make the workspace that a warm run needs, then run."""
    one, lessons = job.search, job.lessons
    own: Row = {"own_seed": one.settings.seed}
    if lessons is None:
        return own | search(one, job.home)
    warm_workspace(
        one.workspace,
        Workspace(lessons.library),
        lessons.runs,
        one.folder.name,
        starter=lessons.starter,
        poison=lessons.poison,
    )
    row = search(one, job.home)
    if not lessons.keep:
        shutil.rmtree(one.workspace, ignore_errors=True)
    return own | row | {"others": len(lessons.runs)}


class Study:
    """The runs of one call: the library of cold runs, the warm workspaces, and the results."""

    def __init__(self, asked: argparse.Namespace, folders: Sequence[Path]) -> None:
        self.asked, self.folders = asked, folders
        self.results = Results(asked.out, KEY)
        self.home = BENCH / f"{asked.out.stem}-{hashlib.sha256(bytes(asked.out.resolve())).hexdigest()[:8]}"
        if not self.results.rows and not asked.table_only:
            shutil.rmtree(self.home, ignore_errors=True)  # new results never rest on runs of an older HASTE
        self.name = f"{asked.seconds:g}s-{asked.iterations}i".replace(".", "p")

    def work(self) -> None:
        """All cold runs first; then control and warm runs take turns on each competition."""
        root = self.home / "library"
        library = Workspace(root) if (root / "haste.toml").is_file() else fresh_workspace(root, starter=False)
        for folder in self.folders:
            # Before runs beside each other would make it twice.
            public_of(FolderCompetitions(folder).describe(folder), folder, self.home)
        cases = [(seed, folder) for seed in self.asked.seeds for folder in self.folders]
        self._measure([self._cold(library, folder, seed, COLD) for seed, folder in cases])
        jobs: list[Job | None] = []
        for seed, folder in cases:
            jobs.append(self._cold(library, folder, seed, CONTROL))
            jobs += [self._warm(library, folder, seed, arm) for arm in self.asked.arms]
        self._measure(jobs)

    def _measure(self, jobs: Sequence["Job | None"]) -> None:
        missing = [job for job in jobs if job is not None]
        for job, row in in_slots(missing, measure, slots=self.asked.parallel, cores=self.asked.cores):
            self._add(job.key, row)

    def _cold(self, library: Workspace, folder: Path, seed: int, arm: str) -> "Job | None":
        own_seed = seed if arm == COLD else seed + OTHER_SEED
        key = self._key(folder, seed, arm, "")
        if self.results.find(key) is not None:
            return None
        settings = self._settings(own_seed, "none")
        one = Search(library.root, self._cold_run(folder, own_seed), folder, settings, self.asked.cores)
        return Job(key, one, self.home)

    def _warm(self, library: Workspace, folder: Path, seed: int, arm: str) -> "Job | None":
        lessons_from, key = self._others(folder, seed, arm), self._warm_key(folder, seed, arm)
        if self.results.find(key) is not None:
            return None
        home = self.home / "warm" / f"{folder.name}-{arm}-{self.name}-s{seed}-{key['learned_from']}"
        loading = arm if arm in ("flat", "none") else "tiered"
        settings = self._settings(seed + OTHER_SEED, loading)
        run = f"{folder.name}/warm-{arm}-{self.name}-s{seed}"
        lessons = Lessons(
            library.root,
            tuple(self._cold_run(other, own_seed) for other, own_seed in lessons_from),
            starter=not self.asked.no_starter,
            poison=seed if arm == "poisoned" else None,
            keep=self.asked.keep,
        )
        return Job(key, Search(home, run, folder, settings, self.asked.cores), self.home, lessons)

    def rows(self) -> list[Row]:
        """The results that were asked for, as far as they are there."""
        keys = []
        for seed in self.asked.seeds:
            for folder in self.folders:
                keys += [self._key(folder, seed, arm, "") for arm in (COLD, CONTROL)]
                keys += [self._warm_key(folder, seed, arm) for arm in self.asked.arms]
        return [row for key in keys if (row := self.results.find(key)) is not None]

    def _others(self, folder: Path, seed: int, arm: str) -> list[tuple[Path, int]]:
        """The runs that a warm run learns from, as folders and seeds: the others' that came to their end."""
        if arm == "starter":
            return []
        seeds = self.asked.seeds if self.asked.runs_of_each == "all" else [seed]
        cold = [(other, one) for one in seeds for other in self.folders if other.name != folder.name]
        rows = (self.results.find(self._key(other, one, COLD, "")) for other, one in cold)
        return [case for case, row in zip(cold, rows, strict=True) if row is not None and "error" not in row]

    def _warm_key(self, folder: Path, seed: int, arm: str) -> Row:
        others = self._others(folder, seed, arm)
        names = [other.name if one == seed else f"{other.name} {one}" for other, one in others]
        return self._key(folder, seed, arm, hashlib.sha256(json.dumps(names).encode()).hexdigest()[:8])

    def _cold_run(self, folder: Path, own_seed: int) -> str:
        return f"{folder.name}/cold-{self.name}-s{own_seed}"

    def _settings(self, seed: int, arm: str) -> Settings:
        return Settings.model_validate(
            {
                "seed": seed,
                "arm": arm,
                "time_limit": self.asked.seconds,
                "iterations": self.asked.iterations,
                "transfer_only": True,
                "engineer": "offline",
                "jobs": self.asked.cores,
            }
        )

    def _key(self, folder: Path, seed: int, arm: str, learned_from: str) -> Row:
        return {
            "competition": folder.name,
            "seed": seed,
            "arm": arm,
            "seconds": self.asked.seconds,
            "iterations": self.asked.iterations,
            "starter": not self.asked.no_starter and arm not in (COLD, CONTROL),
            "learned_from": learned_from,
        }

    def _add(self, key: Row, row: Row) -> None:
        self.results.add({**key, "version": haste_version(), **row})
        told = row.get("error") or f"{row['kept']} of {row['decided']} changes kept, graded {row['graded']:.5g}"
        print(f"{key['competition']}: {key['arm']} seed {key['seed']}, {row['wall']} s: {told}", file=sys.stderr)


def main() -> None:
    """Measure what is missing, then print the tables."""
    asked = options()
    named = [Path(n) if "/" in n else collection() / n for n in asked.competitions]
    study = Study(asked, competition_folders(named, ("tabular",)))
    if not asked.table_only:
        study.work()
    print(comparison(study.rows()))


if __name__ == "__main__":
    stoppable(main)
