"""How much of a run's time is the runner's own, from its log alone.

    python benchmarks/runner_share.py WORKSPACE [RUN]

The scripts' time is what their folds would take on the run's jobs, one after the other in order; all else that
passed between the first and the last event is the runner's: views, scoring, choosing, blending, writing, waiting.
"""

import sys
from datetime import datetime
from pathlib import Path

from haste.adapters.event_files import EventFiles
from haste.core.events import EvaluationFailed, EvaluationStarted, FoldScored, Recorded, RunStarted


def makespan(seconds: list[float], jobs: int) -> float:
    """When the last of these is done, each begun as soon as one of `jobs` is free."""
    free = [0.0] * jobs
    for one in seconds:
        free.sort()
        free[0] += one
    return max(free)


def share(stream: list[Recorded]) -> tuple[float, float, int]:
    """Seconds of the whole run, seconds of its scripts, and how many evaluations there were."""
    at = [datetime.fromisoformat(one.envelope.at) for one in stream]
    jobs, scripts, count = 1, 0.0, 0
    folds: list[float] = []
    for one in stream:
        event = one.event
        if isinstance(event, RunStarted):
            jobs = max(1, event.settings.jobs)
        elif isinstance(event, EvaluationStarted):
            scripts, folds = scripts + makespan(folds, jobs), []
        elif isinstance(event, FoldScored | EvaluationFailed):
            folds.append(event.seconds)
            count += 1
    scripts += makespan(folds, jobs)
    return (at[-1] - at[0]).total_seconds(), scripts, count


def main(workspace: Path, wanted: str = "") -> None:
    """Print a line for each run."""
    log = EventFiles(workspace / "events")
    for name in log.streams():
        if name.startswith("_") or not name.startswith(wanted):
            continue
        whole, scripts, count = share(log.read(name))
        own = max(0.0, whole - scripts)
        print(
            f"{name}: {whole:.1f} s, scripts {scripts:.1f} s in {count} evaluations, the runner {own / whole:.1%}"
        )


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python benchmarks/runner_share.py WORKSPACE [RUN]")
    main(Path(sys.argv[1]), *sys.argv[2:])
