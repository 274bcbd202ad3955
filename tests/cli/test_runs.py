"""What the commands say about runs, events and replays."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from cli.conftest import Haste
from haste.adapters.event_files import EventFiles
from haste.adapters.fakes import TickingClock
from haste.core import events as e
from haste.core.stream import encode
from haste.core.upcast import MODELS
from haste.settings import Settings
from log.story import CURATION, FAILED, PLAIN, RUN, Teller, tell_run, tell_start

# ── runs ─────────────────────────────────────────────────────────────────────────────────────────────


def test_runs_are_listed_the_oldest_first(told: Path, haste: Haste) -> None:
    rows = haste("runs", "list").out.splitlines()
    assert [row.split()[0] for row in rows] == ["run", RUN, PLAIN, FAILED]
    assert "8.75 ± 0.12" in rows[1]
    assert "silver" in rows[1]
    assert re.search(r"failed +–", rows[3])


def test_the_list_is_there_for_machines(told: Path, haste: Haste) -> None:
    listed = json.loads(haste("runs", "list", "--json").out)
    assert [(row["run"], row["status"], row["score"]) for row in listed] == [
        (RUN, "finished", 8.75),
        (PLAIN, "finished", 10.1),
        (FAILED, "failed", None),
    ]


def test_an_empty_list_says_what_to_type(workspace: Path, haste: Haste) -> None:
    said = haste("runs", "list")
    assert (said.code, said.out) == (0, "")
    assert "haste-run solve" in said.err
    assert json.loads(haste("runs", "list", "--json").out) == []


def test_a_run_that_was_killed_before_its_judging_says_so_and_how_to_go_on(told: Path, haste: Haste) -> None:
    curation = told / "events" / f"{CURATION}.jsonl"
    lines = curation.read_bytes().splitlines(keepends=True)
    for left in (lines[:-1], lines[:2], []):
        curation.write_bytes(b"".join(left))
        said = haste("runs", "list")
        assert re.search(rf"{RUN} +finished, not yet judged +8\.75", said.out)
        assert re.search(rf"{PLAIN} +finished +10\.1", said.out)
        assert said.err.count(f"haste-run resume {RUN}") == 1
        assert f"haste-run resume {RUN}" in haste("runs", "show", RUN).err
        assert f"note: what it learned is not judged yet; haste-run resume {RUN}" in haste("replay", RUN).out
        judged = {row["run"]: row["unjudged"] for row in json.loads(haste("runs", "list", "--json").out)}
        assert judged == {RUN: True, PLAIN: False, FAILED: False}


def test_a_curation_that_nobody_can_read_hides_no_run(told: Path, haste: Haste) -> None:
    curation = told / "events" / f"{CURATION}.jsonl"
    lines = curation.read_bytes().splitlines(keepends=True)
    curation.write_bytes(b"".join([lines[0], b"{}\n", *lines[2:]]))
    said = haste("runs", "list")
    assert said.code == 0
    assert re.search(rf"{RUN} +finished, not yet judged +8\.75", said.out)


def test_a_run_of_a_campaign_is_judged_by_the_campaign(workspace: Path, haste: Haste) -> None:
    log = EventFiles(workspace / "events", TickingClock())
    tell_run(Teller(log))
    settings = Settings()
    log.append("_campaigns/c1", e.CampaignStarted(competitions=("x",), settings=settings, plan={}), expected=0)
    log.append("_campaigns/c1", e.RoundStarted(number=1, runs={"x": RUN}, commit="c"), expected=1)
    log.close()
    assert "haste-run campaign --resume _campaigns/c1" in haste("runs", "list").err


def test_a_broken_run_is_left_out_and_told(told: Path, haste: Haste) -> None:
    path = told / "events" / f"{PLAIN}.jsonl"
    path.write_bytes(path.read_bytes().replace(b"boosting", b"bo0sting", 1))
    said = haste("runs", "list")
    assert PLAIN not in said.out
    assert f"left out: stream {PLAIN} is broken at line" in said.err


def test_a_run_is_shown_with_why_and_what_became_of_it(told: Path, haste: Haste) -> None:
    out = haste("runs", "show", "toy-prices/20260101-1200").out
    for words in (
        "finished after",
        "score 8.75 ± 0.12 rmse (lower is better), on lockbox",
        "made of s004 × 0.75 + s003 × 0.25",
        "submission submissions/toy.csv (1,459 rows)",
        "graded 1.25, medal: silver",
        "both tracks are done",
        "improve: no move is left",
        "s002 linear: crashed: KeyError: 'aera'",
        "A log target helps skewed prices (helps, domain): Seen on three folds.",
    ):
        assert words in out
    kept = next(line for line in out.splitlines() if line.startswith("s004"))
    for words in (
        "s001",
        "log-target",
        "kept",
        "9.067 ± 0.010",
        "+0.933 ± 0.033",
        "0.30",
        "+0.080",
        "skewed (1.9)",
    ):
        assert words in kept
    assert re.search(r"draft +2 +1 +4,900 +1,200 +0\.0321", out)


def test_the_report_is_there_for_machines(told: Path, haste: Haste) -> None:
    report = json.loads(haste("runs", "show", "toy-prices/20260101-1200", "--json").out)
    assert [row["outcome"] for row in report["proposals"]] == [
        "prototype",
        "failed",
        "prototype",
        "kept",
        "reverted",
    ]
    assert report["proposals"][3]["skills"] == ["log-target"]
    skill = report["skills"][0]
    assert (skill["name"], skill["cited"], skill["kept"], skill["reverted"], skill["gain"]) == (
        "log-target", 1, 1, 0, 0.0933,
    )  # fmt: skip
    assert [point["best"] for point in report["curve"]] == [10.0, 10.0, pytest.approx(9.0667, abs=1e-3)]
    stages = {row["stage"]: row for row in report["stages"]}
    assert (stages["prototypes"]["proposals"], stages["prototypes"]["failures"]) == (3, 1)
    assert sum(row["seconds"] for row in report["stages"]) == pytest.approx(report["summary"]["seconds"])
    assert report["evaluation_seconds"] == pytest.approx(13 * 2.5 + 0.75)


def test_a_run_that_just_began_can_be_shown(workspace: Path, haste: Haste) -> None:
    log = EventFiles(workspace / "events", TickingClock())
    tell_start(Teller(log))
    log.close()
    out = haste("runs", "show", "last").out
    assert "going on" in out
    assert "score – rmse" in out


# ── events ───────────────────────────────────────────────────────────────────────────────────────────


def test_every_event_has_a_line_of_words(told: Path, haste: Haste) -> None:
    lines = [
        line
        for stream in EventFiles(told / "events").streams()
        for line in haste("events", "show", stream).out.splitlines()
    ]
    assert {line.split()[2] for line in lines} == set(MODELS)
    assert all(len(line.split()) > 3 for line in lines)


def test_events_are_there_for_machines_and_by_type(told: Path, haste: Haste) -> None:
    out = haste("events", "show", "last", "--json").out
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["position"] for row in rows] == list(range(len(rows)))
    assert rows[-1]["payload"]["hint"] == "give more time"
    kept = haste("events", "show", RUN, "--type", "ChangeKept", "--type", "EnsembleKept").out
    assert [line.split()[2] for line in kept.splitlines()] == ["ChangeKept", "EnsembleKept"]
    assert haste("events", "show", "_skills").out.count("\n") == 9


def test_a_type_nobody_knows_is_told(told: Path, haste: Haste) -> None:
    said = haste("events", "show", "last", "--type", "ChangeKpet")
    assert said.code == 2
    assert "no event is called 'ChangeKpet'" in said.err
    assert "ChangeKept" in said.err


def test_text_of_others_can_not_steer_the_terminal(workspace: Path, haste: Haste) -> None:
    log = EventFiles(workspace / "events", TickingClock())
    log.append("a/b", e.RunFailed(reason="\x1b[2J\x1b]0;owned\x07 [bold]red[/bold]\nsecond line"), expected=0)
    log.close()
    for command in (
        ("events", "show", "a/b"),
        ("runs", "show", "a/b"),
        ("runs", "list"),
        ("watch", "a/b"),
        ("watch", "--once", "--all"),
    ):
        said = haste(*command)
        assert "\x1b" not in said.out + said.err
        assert "\x07" not in said.out + said.err
    assert "[bold]red[/bold] second line" in haste("events", "show", "a/b").out


def test_json_is_readable_and_can_not_steer_the_terminal(workspace: Path, haste: Haste) -> None:
    log = EventFiles(workspace / "events", TickingClock())
    log.append("a/b", e.RunFailed(reason="\x7f\x9b2J\u202eGröße 🙂\U000e0001"), expected=0)
    log.close()
    said = haste("events", "show", "a/b", "--json").out
    assert json.loads(said)["payload"]["reason"] == "\x7f\x9b2J\u202eGröße 🙂\U000e0001"
    assert "Größe 🙂" in said
    assert all(c.isprintable() or c == "\n" for c in said)
    assert all(c.isprintable() or c == "\n" for c in haste("runs", "show", "a/b", "--json").out)


def test_verify_says_what_and_where(told: Path, haste: Haste) -> None:
    assert haste("events", "verify").err == "5 streams checked, no problem\n"
    path = told / "events" / f"{CURATION}.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"Ada"', b'"Eve"'))
    (told / "events" / RUN / "s001.py").write_text("")
    said = haste("events", "verify")
    assert said.code == 1
    assert said.out.splitlines() == [
        f"{CURATION} line 7 (position 6): its content doesn't fit its hash: it was changed after it was written",
        f"{RUN} line 10 (position 9): the file s001.py was changed after it was written",
    ]
    assert said.err == "haste-run: 2 problems in 2 of 5 streams\n"
    found = json.loads(haste("events", "verify", "_skills", "--json").out)
    assert [(p["stream"], p["line"], p["position"]) for p in found] == [(CURATION, 7, 6)]


def test_what_is_wrong_with_a_stream_of_others_can_not_steer_a_terminal(told: Path, haste: Haste) -> None:
    path = told / "events" / f"{FAILED}.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    foreign = encode(
        "\x1b]0;owned\x07/b", len(lines), "2026-01-01T00:00:00.000000+00:00", "0" * 64, "RunFailed", {}
    )
    path.write_bytes(b"".join([*lines, foreign]))
    for command in (("events", "verify"), ("replay", FAILED), ("runs", "list")):
        said = haste(*command)
        assert "owned" in said.out + said.err, command
        assert all(c.isprintable() or c == "\n" for c in said.out + said.err), command
    path.write_bytes(b"".join(lines))
    log = EventFiles(told / "events", TickingClock())
    written = e.SubmissionWritten(path="\x1b]0;owned\x07.csv", sha256="0" * 64, rows=1, members=(), final=True)
    log.append(FAILED, written, expected=len(lines))
    log.close()
    said = haste("replay", FAILED)
    assert "owned" in said.out
    assert all(c.isprintable() or c == "\n" for c in said.out)


def published(told: Path) -> Path:
    """The same workspace as a git repository in which the streams are committed."""
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    for command in (("init", "-q"), ("add", "-A"), (*identity, "commit", "-q", "-m", "publish")):
        subprocess.run(["git", *command], cwd=told, check=True)
    return told


def test_what_was_published_is_the_anchor_that_a_chain_lacks(told: Path, haste: Haste) -> None:
    path = published(told) / "events" / f"{FAILED}.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    log = EventFiles(told / "events", TickingClock())
    log.append(FAILED, e.RunFailed(reason="and failed again"), expected=len(lines))
    log.close()
    assert haste("events", "verify").code == 0, "a stream may have grown"
    path.write_bytes(b"".join(lines[:-1]))
    said = haste("events", "verify")
    gone = "7 lines were published, this one is gone; haste-run resume restores it"
    assert (said.code, said.out) == (1, f"{FAILED} line 7 (position 6): {gone}\n")
    log.append(FAILED, e.RunFailed(reason="another ending"), expected=len(lines) - 1)
    log.close()
    assert haste("events", "verify", FAILED).out == f"{FAILED} line 7 (position 6): another line was published\n"
    assert "differs: " in haste("replay", FAILED).out
    path.unlink()
    assert (
        haste("events", "verify").out
        == f"{FAILED}: it was published and is gone; git restore events/{FAILED}.jsonl\n"
    )


def test_tail_of_a_run_that_is_over_ends(told: Path, haste: Haste) -> None:
    assert haste("events", "tail", "last", "--from", "-2").out.count("\n") == 2
    assert haste("events", "tail", "last", "--from", "0").out.count("\n") == 7


# ── replay ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_replay_agrees_with_its_log(told: Path, haste: Haste) -> None:
    said = haste("replay", RUN)
    assert said.code == 0
    assert f"{RUN}: 60 events and 8 files; the run agrees with its log" in said.out
    assert "note: the submission submissions/toy.csv can't be read" in said.out
    head = EventFiles(told / "events").read(RUN)[-1].envelope.hash
    assert f"head {head}" in said.out


def test_a_submission_that_was_changed_is_a_difference(told: Path, haste: Haste) -> None:
    (told / "submissions").mkdir()
    (told / "submissions" / "toy.csv").write_text("id,price\n")
    said = haste("replay", RUN, "--json")
    assert said.code == 1
    assert json.loads(said.out)["differences"] == [
        "the submission submissions/toy.csv isn't the one that was written"
    ]


def test_a_replay_tells_damage(told: Path, haste: Haste) -> None:
    (told / "events" / RUN / "s004.py").unlink()
    said = haste("replay", RUN)
    assert said.code == 1
    assert "differs: " in said.out
    assert "the file s004.py can't be read" in said.out


def test_a_replay_that_asks_the_policy_again_tells_where_the_story_went_another_way(
    told: Path, haste: Haste
) -> None:
    said = haste("replay", FAILED, "--decide")
    assert said.code == 1
    assert "position 2: the policy asks for ChooseDomain, the log has StageFinished stage profile" in said.out
