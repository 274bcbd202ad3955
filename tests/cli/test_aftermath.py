"""What a run says at its end, and about what waits for a person."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from haste.adapters.fake_repository import MemoryRepository
from haste.adapters.rehearsal import script
from haste.cli.solve import aftermath, go
from haste.core.events import SkillPromoted
from haste.core.run import RunState
from haste.errors import GitError
from haste.orchestration.curate import Curated
from haste.orchestration.publish import Published
from haste.orchestration.solve import Solved
from haste.projections.reviews import Review
from run.rehearse import FLAT, RUN, begin, ports

PROMOTED = SkillPromoted(
    promotion="p1", skill="fewer-leaves", scope="domain", path="skills/domains/tabular/fewer-leaves/SKILL.md",
    branch="haste/skills/r1", version="1", commit="c" * 40, learning="r1#0", reason="It helped.",
)  # fmt: skip


def test_what_waits_is_told_with_its_reason() -> None:
    why = "1 change waits on haste/skills/r1: the work tree is in the way: x is there, untracked"
    solved = Solved(
        RunState(),
        Curated(stream="_skills/r1", branch="haste/skills/r1", changes=(PROMOTED,), note=why),
        Published("haste/log/r1", None, "the work tree is in the way: y has staged changes"),
    )
    assert aftermath(solved, {}) == [
        "skill       new: fewer-leaves",
        f"review      {why}; haste-run review list",
        "log         waits on haste/log/r1: the work tree is in the way: y has staged changes",
    ]


def test_where_nothing_waits_nothing_is_said() -> None:
    curated = Curated(stream="_skills/r1", branch="haste/skills/r1", changes=(PROMOTED,), merged="m" * 40)
    assert aftermath(Solved(RunState(), curated, None), {}) == ["skill       new: fewer-leaves"]
    assert aftermath(Solved(RunState(), None, None), {}) == []


def test_what_was_decided_meanwhile_waits_no_more() -> None:
    curated = Curated(stream="_skills/r1", branch="haste/skills/r1", changes=(PROMOTED,), note="1 change waits")
    waiting = Review(
        promotion="p1", kind="promote", skill="x", commit="c", branch="haste/skills/r1", at="", event="e@1"
    )  # fmt: skip
    merged = waiting.model_copy(update={"promotion": "p2", "state": "merged"})
    told = [
        aftermath(Solved(RunState(), curated, None), {one.promotion: one for one in found})[-1]
        for found in ([waiting], [merged, waiting], [merged])
    ]
    assert told == [
        "review      1 change waits; haste-run review list",
        "review      1 change waits; haste-run review list",
        "review      haste/skills/r1 is decided: merged",
    ]


def test_a_result_is_shown_although_what_follows_it_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ports(tmp_path, drafts=[script(FLAT)] * 3)
    begin(at)
    workspace = SimpleNamespace(root=tmp_path, repository=MemoryRepository())  # not the one of the skills
    with pytest.raises(GitError) as told:
        go(workspace, at, RUN, raised=None, as_json=False)
    assert told.value.hint.endswith(f"then go on: haste-run resume {RUN}")
    assert re.search(r"^score +\S+ ± \S+ +roc_auc", capsys.readouterr().out, re.M)


@pytest.mark.parametrize("as_json", [True, False])
def test_json_is_alone_on_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    at = ports(tmp_path, drafts=[script(FLAT, fails_on=0)] * 3)
    begin(at)
    workspace = SimpleNamespace(root=tmp_path, repository=MemoryRepository())
    with pytest.raises(SystemExit) as ended:
        go(workspace, at, RUN, raised=None, as_json=as_json)
    assert ended.value.code == 1
    told = capsys.readouterr()
    reason = "none of 3 prototypes could be made to run"
    assert reason in (json.loads(told.out)["failed"] if as_json else told.out)
    assert bool(re.search(rf"\nfailed +{reason}", told.err)) is as_json
    assert not [line for line in [*told.out.splitlines(), *told.err.splitlines()] if line != line.rstrip()]
