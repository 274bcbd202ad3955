"""From how a process ended to a typed failure with what is needed to mend it."""

import re
import signal

from haste.adapters.sandbox.inside.messages import Report
from haste.core.evaluation import Outcome
from haste.core.solution import Failure, FailureKind

OUTPUT_CHARACTERS = 4000
NO_MEMORY = re.compile(r"^(?:\w+\.)*_?\w*(?:MemoryError|OutOfMemoryError)\b|std::bad_alloc")
NO_PROCESSES = re.compile(r"can't start new thread|BlockingIOError: \[Errno 11\]")
TOO_LARGE = re.compile(r"^OSError: \[Errno 27\]")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


def outcome(report: Report, *, memory_was_short: bool = False) -> Outcome:
    """The outcome that a report stands for."""
    output = tidy(report.output, report.cut_bytes)
    failure = _failure(report, output, memory_was_short=memory_was_short)
    return Outcome(
        failure=failure,
        seconds=report.seconds,
        cpu_seconds=report.cpu_seconds,
        memory_bytes=report.memory_bytes,
        saved_seconds=report.saved_seconds,
        output=output,
    )


def broke(message: str, *, memory_was_short: bool = False) -> Outcome:
    """The outcome of a sandbox that failed: the script's doing where the kernel ran out of memory meanwhile."""
    kind = FailureKind.OUT_OF_MEMORY if memory_was_short else FailureKind.SANDBOX_BROKE
    return Outcome(failure=Failure(kind=kind, message=message), seconds=0.0)


def tidy(output: str, cut_bytes: int = 0) -> str:
    """The end of an output as plain text: no colours, no progress bars overwritten in place, nothing invisible."""
    text = CONTROLS.sub("", ESCAPES.sub("", output).replace("\r\n", "\n").replace("\r", "\n"))
    if not cut_bytes and len(text) <= OUTPUT_CHARACTERS:
        return text
    note = f"[the beginning was cut: {cut_bytes + max(0, len(text) - OUTPUT_CHARACTERS):,} bytes or more]\n"
    return note + text[-(OUTPUT_CHARACTERS - len(note)) :]


def _failure(report: Report, output: str, *, memory_was_short: bool) -> Failure | None:
    if report.stopped == "stopped":
        return Failure(kind=FailureKind.SANDBOX_BROKE, message=report.detail, output=output)
    if report.stopped:
        return Failure(kind=FailureKind(report.stopped), message=report.detail, output=output)
    if report.status == 0:
        return None
    last = next((line for line in reversed(output.splitlines()) if line.strip()), "").strip()
    if report.status < 0:
        kind = FailureKind.OUT_OF_MEMORY if memory_was_short and report.status == -9 else FailureKind.CRASHED
        return Failure(kind=kind, message=f"killed by {_signal(-report.status)}", output=output)
    return Failure(kind=_crash(last), message=last[:300] or f"exit code {report.status}", output=output)


def _crash(last: str) -> FailureKind:
    if NO_MEMORY.search(last):
        return FailureKind.OUT_OF_MEMORY
    if NO_PROCESSES.search(last):
        return FailureKind.TOO_MANY_PROCESSES
    return FailureKind.TOO_LARGE if TOO_LARGE.search(last) else FailureKind.CRASHED


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
