"""Whole runs in a rehearsal: prepared scripts in, the stream of events out."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from haste.adapters.fakes import FixedClock, MemoryLog
from haste.adapters.rehearsal import RehearsalFiles, RehearsalPorts, RehearsalSandbox, rehearsal_competition
from haste.core.events import Event, Recorded, RunStarted
from haste.core.run import RunState
from haste.engineers.scripted import ScriptedEngineer
from haste.loop import run_to_end
from haste.settings import Settings

RUN = "rehearsal/one"
FLAT = (0.70, 0.71, 0.69, 0.70, 0.70)


def better(by: float, scores: Sequence[float] = FLAT) -> list[float]:
    """Scores that beat `scores` by about `by` on every fold, with a little noise."""
    return [s + by + 0.0002 * (k % 3) for k, s in enumerate(scores)]


def ports(
    tmp_path: Path,
    *,
    drafts: Sequence[str],
    changes: Sequence[str] = (),
    mends: Sequence[str] = (),
    log: MemoryLog | None = None,
    **files: object,
) -> RehearsalPorts:
    """Ports for a run of these scripts; give `log` to go on with a stream."""
    clock = FixedClock()
    log = log or MemoryLog(clock)
    engineer = ScriptedEngineer(log, drafts=drafts, changes=changes, mends=mends)
    return RehearsalPorts(
        clock=clock,
        log=log,
        engineer=engineer,
        files=RehearsalFiles(tmp_path, **files),  # type: ignore[arg-type]
        sandbox=RehearsalSandbox(clock),
    )


def begin(at: RehearsalPorts, metric: str = "roc_auc", **settings: object) -> None:
    """Record the start of a run."""
    values = Settings.model_validate({"time_limit": 100_000.0, "jobs": 1, **settings})
    started = RunStarted(
        competition=rehearsal_competition(metric),
        settings=values,
        engineer=at.engineer.name,
        arm=values.arm,
        commit=at.skills.head(),
        environment=dict(at.environment),
        data={},
    )
    at.log.append(RUN, started, expected=0)


def play(at: RehearsalPorts, metric: str = "roc_auc", **settings: object) -> RunState:
    """A run from its start to its end."""
    begin(at, metric, **settings)
    return run_to_end(RUN, at)


def events(at: RehearsalPorts) -> list[Event]:
    """What happened."""
    return [recorded.event for recorded in at.log.read(RUN)]


def of(at: RehearsalPorts, *kinds: type[Event]) -> Iterator[Event]:
    """The events of these kinds."""
    return (event for event in events(at) if isinstance(event, kinds))


def told(recorded: Sequence[Recorded]) -> list[str]:
    """A stream's events by name, for reading."""
    return [type(one.event).__name__ for one in recorded]
