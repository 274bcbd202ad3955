"""Runs in which skills were followed, told event by event."""

from haste.core import events as e
from haste.core.solution import Change, FileRef, Reason, Solution
from haste.ports import EventLog
from haste.settings import Settings
from judging.stories import competition

CODE = FileRef(name="s.py", sha256="0" * 64)


def followed(log: EventLog, run: str, name: str, *, version: str = "v1", gain: float) -> None:
    """A run that had loaded the skill and tried a change that cites it, with that relative gain."""
    ref = e.LoadedRef(name=name, scope="domain", version=version)
    change = Change(move="rank-gauss", summary="ranks")
    solution = Solution(id="s1", parent="s0", change=change, code=CODE, reason=Reason(skills=(name,)))
    events: list[e.Event] = [
        e.RunStarted(
            competition=competition(run.partition("/")[0]), settings=Settings(), engineer="offline",
            arm="tiered", commit="c0", environment={}, data={},
        ),
        e.SkillsLoaded(arm="tiered", commit="c", skills=(ref,), characters=0, tokens=0, knowledge=CODE),
    ]  # fmt: skip
    events += [
        e.SolutionProposed(solution=solution, track=0),
        e.SolutionScored(solution="s1", score=0.8, error=0.01, folds=200),
        e.ChangeReverted(
            solution="s1", parent="s0", track=0, gain=gain / 5, error=0.0004, relative_gain=gain, reason="r"
        ),
        e.RunFailed(reason="told"),
    ]
    for position, event in enumerate(events):
        log.append(run, event, expected=position)
