"""A sandbox that runs nothing: it scores the scripted Claude's scripts by what is written in them.

With it a whole run, questions and answers included, takes seconds: for trying budgets, prompts and bad days.
"""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256

from haste.adapters.messages_server.scripted import changes
from haste.core.evaluation import Outcome, Task
from haste.core.solution import Failure, FailureKind

FOLDS = 5


class DrySandbox:
    """Each change that a script holds moves its score by an amount of its own; a planted bug crashes it."""

    @property
    def level(self) -> str:
        """`dry`."""
        return "dry"

    def run(
        self,
        tasks: Sequence[Task],
        *,
        jobs: int,  # noqa: ARG002  (the port's shape)
        within: float | None = None,  # noqa: ARG002  (no time passes)
    ) -> Iterator[Outcome]:
        """One outcome a task, in order."""
        for task in tasks:
            bug = next((b for b in bugs() if b in task.code), None)
            if bug is not None:
                name = bug.partition("[")[0].partition("(")[0]
                message = f"NameError: name '{name}' is not defined"
                failure = Failure(kind=FailureKind.CRASHED, message=message, output=f"Traceback …\n{message}")
                yield Outcome(failure=failure, seconds=0.1, output=failure.output)
                continue
            plan = {"scores": scores_of(task.code)}
            (task.work / "submission.csv").write_text(json.dumps(plan), "utf-8")
            yield Outcome(failure=None, seconds=0.5, cpu_seconds=0.4, memory_bytes=2**27, output="1000 rows")

    def close(self) -> None:
        """Nothing runs."""


def bugs() -> list[str]:
    """What the scripted Claude misspells now and then."""
    return [c["mend"]["search"] for c in changes() if "mend" in c]


def scores_of(code: str) -> list[float]:
    """A score a fold, between 0.5 and 1, by what the script holds."""
    held = [c["move"] for c in changes() if str(c["replace"]).split("\n")[0] in code]
    seed = next((line for line in code.split("\n") if line.startswith("SEED = ")), "")
    score = 0.70 + 0.05 * _share(code.partition('"""')[2].partition('"""')[0])
    score += sum(0.008 * (_share(move) - 0.4) for move in held) + 0.001 * (_share(seed) - 0.5)
    return [
        round(score + 0.01 * _share(f"fold {k}") + 0.0005 * _share(f"{k}{held}{seed}"), 6) for k in range(FOLDS)
    ]


def _share(text: str) -> float:
    return int(sha256(text.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
