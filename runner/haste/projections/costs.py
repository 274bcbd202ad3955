"""What runs cost: seconds, evaluations, tokens and money, by stage and for every change that was kept."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from haste.core import events as e
from haste.core.model import Frozen

_AFTER = {
    "": "profile", "profile": "prototypes", "prototypes": "refinement", "refinement": "ensemble",
    "ensemble": "learnings", "learnings": "end",
}  # fmt: skip


class Cost(Frozen):
    """What something cost: `seconds` while the run was active, `compute_seconds` of evaluations."""

    seconds: float = 0.0
    compute_seconds: float = 0.0
    evaluations: int = 0
    failures: int = 0
    questions: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    kept: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        mine, theirs = self.model_dump(), other.model_dump()
        return Cost(**{name: mine[name] + theirs[name] for name in mine})

    def per_kept(self) -> dict[str, float] | None:
        """Seconds, tokens and dollars for each change that was kept; None where none was."""
        if not self.kept:
            return None
        return {
            "seconds": self.seconds / self.kept,
            "output_tokens": self.output_tokens / self.kept,
            "usd": self.usd / self.kept,
        }


def costs_of(recorded: Iterable[e.Recorded]) -> dict[str, Cost]:
    """Costs by stage of one stream, in the order of the stages."""
    stage, costs, last = _AFTER[""], dict[str, Cost](), None
    for one in recorded:
        at = datetime.fromisoformat(one.envelope.at)
        idle = last is None or isinstance(one.event, e.RunResumed) or stage == "end"
        seconds = 0.0 if idle or last is None else max(0.0, (at - last).total_seconds())
        costs[stage] = costs.get(stage, Cost()) + _cost(one.event, seconds)
        last, stage = at, _next(stage, one.event)
    return costs


def _next(stage: str, event: e.AnyEvent) -> str:
    if not isinstance(event, e.StageFinished):
        return stage
    if event.stage == "refinement" and event.track is not None:
        return "refinement"
    return _AFTER[event.stage]


def _cost(event: e.AnyEvent, seconds: float) -> Cost:
    if isinstance(event, e.FoldScored):
        return Cost(seconds=seconds, compute_seconds=event.seconds, evaluations=1)
    if isinstance(event, e.EvaluationFailed):
        return Cost(seconds=seconds, compute_seconds=event.seconds, evaluations=1, failures=1)
    if isinstance(event, e.ModelAnswered | e.ModelRefused):
        return Cost(seconds=seconds, questions=1, output_tokens=event.usage.output_tokens, usd=event.usd)
    return Cost(seconds=seconds, kept=int(isinstance(event, e.ChangeKept)))


def costs(streams: Iterable[tuple[str, Sequence[e.Recorded]]]) -> dict[str, Cost]:
    """Costs by stage over many streams."""
    total: dict[str, Cost] = {}
    for _, recorded in streams:
        for stage, cost in costs_of(recorded).items():
            total[stage] = total.get(stage, Cost()) + cost
    return total
