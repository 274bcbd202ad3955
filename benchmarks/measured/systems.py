"""The systems that are compared: how each is started on a copy of a competition, and what it leaves behind."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import haste
from haste.adapters.competitions import FolderCompetitions
from haste.bootstrap import make_workspace
from haste.core.competition import Competition
from measured.contest import Outcome, graded, load, public_copy, timed
from measured.environments import REQUIREMENTS, python_of
from measured.results import Row

SYSTEMS = ("haste", "autogluon", "flaml", "lightgbm")
SUBMISSION = "submission.csv"
HASTE_RUN = Path(sys.executable).parent / "haste-run"


@dataclass(frozen=True)
class Match:
    """One run that is to be measured."""

    folder: Path
    system: str
    preset: str
    """AutoGluon's preset, or the options that HASTE is given; what tells two configurations of a system apart."""
    seconds: float
    seed: int
    cores: int

    def key(self) -> Row:
        """What says which run it is."""
        return {
            "competition": FolderCompetitions(self.folder).describe(self.folder).id,
            "system": self.system,
            "preset": self.preset,
            "seconds": self.seconds,
            "seed": self.seed,
        }


def play(match: Match, bench: Path) -> Row:
    """Run a system on a copy of the competition and grade what it wrote. What goes wrong there is never raised."""
    competition = FolderCompetitions(match.folder).describe(match.folder)
    key, before = match.key(), load()
    name = "-".join(str(part) for part in key.values() if part != "").replace(" ", "").replace("/", "_")
    log = bench / "logs" / f"{name}.log"
    start = _haste if match.system == "haste" else partial(_peer, bench)
    with tempfile.TemporaryDirectory(prefix="haste-bench-") as made:
        room = Path(made)
        copied = public_copy(competition, match.folder, room / "public")
        try:
            outcome, version = start(match, competition, copied, log)
        except RuntimeError as error:
            outcome, version = Outcome(wall=0.0, error=str(error)), ""
        score, wrong = (None, "") if outcome.error else graded(competition, room / SUBMISSION)
    found: Row = {
        **key,
        "version": version,
        "wall": outcome.wall,
        "score": score,
        "metric": competition.metric_name,
        "direction": competition.metric.direction,
        "load": before,
    }
    told = outcome.error or wrong
    return found | ({"error": told} if told else {})


def _peer(bench: Path, match: Match, competition: Competition, copied: Path, log: Path) -> tuple[Outcome, str]:
    python, room = python_of(match.system, bench), copied.parent.parent
    spec, submission = room / "spec.json", room / SUBMISSION
    spec.write_text(json.dumps(spec_for(match, competition, copied)), encoding="utf-8")
    command = [str(python), str(REQUIREMENTS / "play.py"), match.system, str(spec), str(submission)]
    outcome = timed(command, cwd=room, log=log, cores=match.cores, seconds=match.seconds)
    told = submission.with_suffix(".version")
    return outcome, told.read_text(encoding="utf-8") if told.is_file() else ""


def spec_for(match: Match, competition: Competition, copied: Path) -> dict[str, Any]:
    """What a peer is told: no more than a person would read in the description."""
    from haste.adapters.competitions.source import load as tables
    from haste.adapters.competitions.truth import classes_of

    return {
        "folder": str(copied),
        "train": competition.train,
        "test": competition.test,
        "id": competition.id_column,
        "targets": competition.targets,
        "columns": competition.prediction_columns,
        "classes": classes_of(competition, tables(competition).train),
        "metric": competition.metric_name,
        "kind": competition.metric.kind.value,
        "seconds": match.seconds,
        "seed": match.seed,
        "cores": match.cores,
        "preset": match.preset,
    }


def _haste(match: Match, _: Competition, copied: Path, log: Path) -> tuple[Outcome, str]:
    """A fresh workspace, `haste-run solve`, and the submission that it names."""
    room = copied.parent.parent
    workspace = make_workspace(room / "workspace").root
    options = haste_options(match.preset)
    command = [str(HASTE_RUN), "solve", str(copied), "--time-limit", str(match.seconds), "--seed", str(match.seed)]
    outcome = timed(
        [*command, *options],
        cwd=workspace,
        log=log,
        cores=match.cores,
        seconds=match.seconds,
        env=plain_environment(),
    )
    written = sorted((workspace / "submissions").rglob("*.csv"), key=lambda path: path.stat().st_mtime)
    if written:
        shutil.copyfile(written[-1], room / SUBMISSION)
    return outcome, haste_version()


def haste_options(preset: str) -> list[str]:
    """The options of a run: offline unless another engineer is asked for."""
    options = preset.split()
    return options if "--engineer" in options else [*options, "--engineer", "offline"]


def plain_environment() -> dict[str, str]:
    """The environment without settings of HASTE's own."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HASTE_")}


def haste_version() -> str:
    """The version, and the commit it was measured at; `dirty` where the package has changes beyond it."""
    source = Path(haste.__file__).parent
    commit, changed = _git(source, "rev-parse", "--short", "HEAD"), _git(source, "status", "--porcelain", ".")
    return haste.__version__ + (f"+{commit}" if commit else "") + (".dirty" if changed else "")


def _git(folder: Path, *arguments: str) -> str:
    command = ("git", "-C", str(folder), *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
