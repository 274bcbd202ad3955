"""One run of one system on one competition: a copy of the public folder, two cores, a clock, and a grade."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from haste.adapters.competitions import FolderCompetitions
from haste.core.competition import Competition
from haste.errors import HasteError

TAIL = 300
GRACE = 600.0
"""Seconds over three times its budget after which a system is stopped: it never answered."""


@dataclass(frozen=True)
class Outcome:
    """How a process ended: the wall time of the whole of it, and what went wrong."""

    wall: float
    error: str = ""


def load() -> float:
    """How busy the machine is before a run, as the load of the last minute."""
    return round(os.getloadavg()[0], 2)


def competition_folders(named: Sequence[Path], kinds: Sequence[str]) -> list[Path]:
    """The folders that were named, or those of the collection whose index gives one of these domains."""
    if named:
        return [folder.resolve() for folder in named]
    root = collection()
    index = json.loads((root / "index.json").read_text(encoding="utf-8"))
    entries = index.get("competitions", index)
    return [root / name for name, entry in sorted(entries.items()) if entry.get("domain") in kinds]


def collection() -> Path:
    """The folder of real competitions."""
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "competitions"
    return Path(os.environ.get("HASTE_COMPETITIONS", beside)).resolve()


def public_copy(competition: Competition, folder: Path, into: Path) -> Path:
    """A copy of what a competitor gets, under the competition's own name; the answers are nowhere near it."""
    copied = into / competition.id
    shutil.copytree(competition.root, copied, copy_function=shutil.copyfile)
    for inner in (copied, *(path for path in copied.rglob("*") if path.is_dir())):
        inner.chmod(0o755)  # a collection may be read-only
    stated = folder / "competition.toml"
    if stated.is_file():
        lines = stated.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if line.split("=")[0].strip() != "answers"]
        (copied / "competition.toml").write_text("\n".join(kept) + "\n", encoding="utf-8")
    return copied


def timed(
    command: Sequence[str],
    *,
    cwd: Path,
    log: Path,
    cores: int,
    seconds: float,
    env: Mapping[str, str] | None = None,
) -> Outcome:
    """Run a command to its end on so many cores; its output goes into `log`, its process group dies with it."""
    allowed = sorted(os.sched_getaffinity(0))[:cores]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        began = time.monotonic()
        # Whoever stops this while the process is being made is heard once there is something to stop.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(os.environ if env is None else env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: _prepare(allowed, before),
        )
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            status = process.wait(timeout=3 * seconds + GRACE)
            error = "" if status == 0 else f"exit {status}: {tail(log)}"
        except subprocess.TimeoutExpired:
            error = f"stopped: no end after {3 * seconds + GRACE:.0f} s"
        finally:
            stop(process)
    return Outcome(wall=round(time.monotonic() - began, 2), error=error)


def _prepare(cores: Sequence[int], signals: Iterable[int]) -> None:
    """Bind a process to its cores, with the signals blocked that its parent had blocked, and no more."""
    os.sched_setaffinity(0, cores)
    signal.pthread_sigmask(signal.SIG_SETMASK, signals)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End what is left of a process group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        process.wait()


def tail(log: Path) -> str:
    """The last line that says what went wrong, or else the last that says something."""
    lines = [
        line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()
    ]
    wrong = [line for line in lines if "Error" in line or line.startswith("failed")]
    return (wrong or lines or ["it said nothing"])[-1][:TAIL]


def stop_at_once() -> None:
    """Let Ctrl-C and a polite kill raise KeyboardInterrupt here."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def stoppable(work: Callable[[], None]) -> None:
    """Do the work; Ctrl-C or a polite kill stops what is running with it, and what was measured stays."""
    stop_at_once()
    try:
        work()
    except KeyboardInterrupt:
        sys.exit("stopped; call it again to go on")
    except (HasteError, RuntimeError) as error:
        sys.exit(str(error))


def graded(competition: Competition, submission: Path) -> tuple[float | None, str]:
    """The score on the answers, as `haste-run competition grade` has it, or why there is none."""
    try:
        return FolderCompetitions(submission.parent).grade(competition, submission), ""
    except (HasteError, OSError) as error:
        return None, f"invalid: {' '.join(str(error).split())[:TAIL]}"
