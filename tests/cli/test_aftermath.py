"""What a run says at its end about what waits for a person."""

from haste.cli.solve import aftermath
from haste.core.events import SkillPromoted
from haste.core.run import RunState
from haste.orchestration.curate import Curated
from haste.orchestration.publish import Published
from haste.orchestration.solve import Solved

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
    assert aftermath(solved) == [
        "skill       new: fewer-leaves",
        f"review      {why}; haste-run review list",
        "log         waits on haste/log/r1: the work tree is in the way: y has staged changes",
    ]


def test_where_nothing_waits_nothing_is_said() -> None:
    curated = Curated(stream="_skills/r1", branch="haste/skills/r1", changes=(PROMOTED,), merged="m" * 40)
    assert aftermath(Solved(RunState(), curated, None)) == ["skill       new: fewer-leaves"]
    assert aftermath(Solved(RunState(), None, None)) == []
