"""`haste-run competition`: what a person sees."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from competitions.conftest import Sample
from competitions.test_inference import PLAIN, folder_of
from haste.adapters.competitions.samples import make_sample
from haste.adapters.git import init_repository
from haste.cli.main import run


def test_init_shows_reasons_and_writes_the_manifest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_sample("images", tmp_path / "images")
    assert run(["competition", "init", str(folder)]) == 0
    told = capsys.readouterr()
    assert "accuracy" in told.out and "inferred:" in told.out
    assert f"wrote {folder / 'competition.toml'}" in told.err
    assert 'metric = "accuracy"' in (folder / "competition.toml").read_text()
    assert run(["competition", "init", str(folder)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert run(["competition", "init", "--force", "--json", str(folder)]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "images"


def test_check_lists_every_problem_on_a_line_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = folder_of(tmp_path / "good", PLAIN)
    assert run(["competition", "check", str(good)]) == 0
    assert capsys.readouterr().out.endswith("no problems\n")
    bad = folder_of(
        tmp_path / "bad", {**PLAIN, "train.csv": "id,a,b,y\nt1,1,x,2\n", "test.csv": "id,a,b\nq1,1,x\n"}
    )
    assert run(["competition", "check", str(bad)]) == 2
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 2
    assert told.err.startswith("2 problems")
    assert run(["competition", "check", "--json", str(bad)]) == 2
    assert len(json.loads(capsys.readouterr().out)["problems"]) == 2
    assert run(["competition", "check", str(tmp_path / "none")]) == 2
    assert capsys.readouterr() == ("there is no such folder\n", "1 problem\n")


def test_grade_tells_score_and_medal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_sample("truths", tmp_path / "truths")
    (folder / "competition.toml").write_text("[medals]\ngold = 0.9\nsilver = 0.8\nbronze = 0.7\n")
    answers = str(folder / "private" / "answers.csv")
    assert run(["competition", "grade", str(folder), answers]) == 0
    assert capsys.readouterr().out == "accuracy 1.00000, medal: gold\n"
    assert run(["competition", "grade", str(folder), answers, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "competition": "truths",
        "metric": "accuracy",
        "score": 1.0,
        "medal": "gold",
    }
    (tmp_path / "bad.csv").write_text("id,moved\n")
    assert run(["competition", "grade", str(folder), str(tmp_path / "bad.csv")]) == 2
    assert "0 rows where 80 are expected" in capsys.readouterr().err
    assert run(["competition", "grade", str(folder)]) == 2


@pytest.mark.parametrize("command", [[], ["init"], ["check"], ["grade"]])
def test_help_ends_with_an_example(command: list[str]) -> None:
    from haste.cli.main import cli

    told = CliRunner().invoke(cli, ["competition", *command, "--help"])
    assert told.exit_code == 0
    assert told.output.rstrip().splitlines()[-1].strip().startswith("Example: haste-run competition")


def test_naming_the_adapter_imports_no_heavy_library() -> None:
    code = (
        "import sys, haste.adapters.competitions, haste.cli.competition\n"
        "print([m for m in ('pandas', 'numpy', 'sklearn', 'scipy', 'pyarrow') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_a_sample_folder_is_left_as_it_was(sample: Sample, tmp_path: Path) -> None:
    from competitions.players import start

    folder = sample("binary")
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    game = start(folder, tmp_path)
    game.play("s001", 0.3, game.folds[0])
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == before


def finished_run(tmp_path: Path, *, done: bool = True, failed: bool = False) -> Path:
    """A workspace with one run that wrote the answers themselves as its submission."""
    from competitions.players import start
    from haste.adapters.clock import SystemClock
    from haste.adapters.event_files import EventFiles
    from haste.core.events import EvaluationStarted, Member, RunFailed, RunFinished, RunStarted, SubmissionWritten
    from haste.settings import Settings

    folder = make_sample("truths", tmp_path / "truths")
    competition = start(folder, tmp_path).competition
    (tmp_path / "haste.toml").write_text("")
    path = tmp_path / "submissions" / "truths" / "r1.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes((folder / "private" / "answers.csv").read_bytes())
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    members = (Member(solution="s001", weight=1.0),)
    events = [
        RunStarted(competition=competition, settings=Settings(), engineer="offline", arm="none", commit="",
                   environment={}, data={}),
        EvaluationStarted(solution="s001", folds=(), purpose="score", sandbox="bubblewrap"),
        SubmissionWritten(path="submissions/truths/r1.csv", sha256=sha256, rows=80, members=members, final=True),
    ]  # fmt: skip
    log = EventFiles(tmp_path / "events", clock=SystemClock())
    if failed:
        events.append(RunFailed(reason="no prototype could be begun", hint="give more time"))
    elif done:
        events.append(RunFinished(score=0.9, error=None, best="s001"))
    for position, event in enumerate(events):
        log.append("truths/r1", event, expected=position)
    log.close()
    return tmp_path


def test_a_finished_run_is_graded_once_and_its_log_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ignored = b".haste/\nsubmissions/\nevents/*/\n"
    repository = init_repository(tmp_path, {".gitignore": ignored, "haste.toml": b""})
    monkeypatch.chdir(finished_run(tmp_path))
    for _ in range(2):
        assert run(["competition", "grade", "last"]) == 0
        assert capsys.readouterr().out == "accuracy 1.00000\n"
        assert "M " not in repository.git.run("status", "--porcelain").text
    assert repository.read(repository.head(), "events/truths/r1.jsonl")
    lines = (tmp_path / "events" / "truths" / "r1.jsonl").read_text().splitlines()
    assert len(lines) == 5
    assert '"SubmissionGraded"' in lines[-1]
    assert "sandbox: bubblewrap" in lines[-1]
    (tmp_path / "submissions" / "truths" / "r1.csv").write_text("id,moved\n")
    assert run(["competition", "grade", "truths/r1"]) == 2
    assert "is gone, or is not what run truths/r1 wrote" in capsys.readouterr().err


def test_the_answers_stay_shut_while_a_run_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(finished_run(tmp_path, done=False))
    assert run(["competition", "grade", "last"]) == 2
    assert "is not finished" in capsys.readouterr().err


def test_a_run_that_failed_says_how_its_file_is_graded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(finished_run(tmp_path, failed=True))
    assert run(["competition", "grade", "last"]) == 2
    told = capsys.readouterr().err
    assert "truths/r1 failed: no prototype could be begun" in told
    assert "haste-run competition grade FOLDER submissions/truths/r1.csv" in told
    assert run(["competition", "grade", "truths", "submissions/truths/r1.csv"]) == 0
