"""Runs beside each other, each on cores of its own."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import active_children, get_context
from multiprocessing.queues import Queue
from typing import TypeVar

from measured.contest import stop_at_once

Job = TypeVar("Job")
Found = TypeVar("Found")


def slots_of(available: Sequence[int], slots: int, cores: int) -> list[list[int]]:
    """So many groups of so many cores, no core in two of them.

    Raises:
        RuntimeError: the machine has too few.
    """
    if slots * cores > len(available):
        raise RuntimeError(
            f"{slots} runs of {cores} cores at a time need more than the {len(available)} cores here"
        )
    return [list(available[n * cores : (n + 1) * cores]) for n in range(slots)]


def in_slots(
    jobs: Sequence[Job], work: Callable[[Job], Found], *, slots: int, cores: int
) -> Iterator[tuple[Job, Found]]:
    """Each job with what `work` found, as they end; `work` runs in a process bound to the cores of a slot.

    Whoever stops asking, or is interrupted, stops all that is running.
    """
    if slots == 1:
        yield from ((job, work(job)) for job in jobs)
        return
    context = get_context("spawn")
    free: Queue[list[int]] = context.Queue()
    for group in slots_of(sorted(os.sched_getaffinity(0)), slots, cores):
        free.put(group)
    with ProcessPoolExecutor(slots, context, initializer=_bind, initargs=(free,)) as pool:
        try:
            waiting = {pool.submit(_stoppable, work, job): job for job in jobs}
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in active_children():
                child.terminate()
            raise


def _bind(free: "Queue[list[int]]") -> None:
    """Bind a worker to the cores of a free slot; all that it starts inherits them. Its parent stops it, no key."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.sched_setaffinity(0, free.get())


def _stoppable(work: Callable[[Job], Found], job: Job) -> Found:
    """Do the work; what it started is stopped with it."""
    stop_at_once()
    try:
        return work(job)
    except KeyboardInterrupt:
        os._exit(130)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
