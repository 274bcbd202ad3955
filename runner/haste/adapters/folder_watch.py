"""Waiting until something in a folder was written. The only module that imports watchdog."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 2.0
"""Seconds after which it is time to look even though nothing was told: some file systems tell nothing."""


@contextmanager
def watched(folder: Path) -> Iterator[threading.Event]:
    """An event that is set whenever something under a folder was written; wait on it, clear it, look."""
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers import Observer

    told = threading.Event()

    class Listener(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            if event.event_type not in ("opened", "closed_no_write"):
                told.set()

    observer = Observer()
    observer.schedule(Listener(), str(folder), recursive=True)
    observer.start()
    try:
        yield told
    finally:
        observer.stop()
        observer.join()
