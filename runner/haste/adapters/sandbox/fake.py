"""A sandbox that runs no process: what a script does is a function, found by a piece of its code."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from haste.adapters.sandbox import fits
from haste.core.evaluation import Outcome, Task, cut
from haste.core.solution import Failure, FailureKind
from haste.errors import SandboxError

Part = Callable[[Path, Path], str | Failure | None]
"""Gets the work folder and the view, and writes files. Gives what it would print, or how it fails."""


class FakeSandbox:
    """Plays scripts. `parts` maps a piece of code to what a script that has it does; the first match counts."""

    def __init__(self, parts: Mapping[str, Part], *, seconds: float = 1.0) -> None:
        self._parts = dict(parts)
        self._seconds = seconds
        self._closed = False
        self.ran: list[Task] = []
        """Every task that was run, in order."""

    @property
    def level(self) -> str:
        """`fake`."""
        return "fake"

    def run(
        self,
        tasks: Sequence[Task],
        *,
        jobs: int,  # noqa: ARG002  (one at a time is in order)
        within: float | None = None,
    ) -> Iterator[Outcome]:
        """Outcomes in the order of the tasks. Closing the iterator runs no further task."""
        if self._closed:
            raise SandboxError("the sandbox was closed", hint="open a new one")
        spent = 0.0
        for task in tasks:
            if within is not None and (left := max(0.0, within - spent)) < self._seconds:
                yield cut(left)
                continue
            spent += self._seconds
            self.ran.append(task)
            yield self._play(task)

    def close(self) -> None:
        """Refuse to run anything from now on. Safe to call twice."""
        self._closed = True

    def _play(self, task: Task) -> Outcome:
        part = next((part for piece, part in self._parts.items() if piece in task.code), None)
        if part is None:
            return self._failed(Failure(kind=FailureKind.CRASHED, message="NameError: no part for this script"))
        task.work.mkdir(parents=True, exist_ok=True)
        fits.lay_out(task.view.folder, task.work)
        try:
            said = part(task.work, task.view.folder)
        except Exception as error:  # noqa: BLE001  (a script may raise anything; it is the outcome)
            message = f"{type(error).__name__}: {error}"
            return self._failed(Failure(kind=FailureKind.CRASHED, message=message, output=message))
        saved = fits.put_by(task.work, task.view.folder)
        if isinstance(said, Failure):
            return self._failed(said)
        return Outcome(failure=None, seconds=self._seconds, saved_seconds=saved, output=said or "")

    def _failed(self, failure: Failure) -> Outcome:
        return Outcome(failure=failure, seconds=self._seconds, output=failure.output)
