"""Writes the golden streams of the current schema, once: `python tests/log/make_golden.py`.

A golden stream is never edited. When the shape of an event changes, `SCHEMA` goes up by one, an upcaster is added,
and this script writes a new folder beside the old ones.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from haste.adapters.event_files import EventFiles
from haste.adapters.fakes import TickingClock
from haste.adapters.redact import Redactor
from haste.core.events import SCHEMA
from log.story import tell_all

if __name__ == "__main__":
    folder = Path(__file__).parent / "golden" / f"schema-{SCHEMA}"
    if folder.exists():
        sys.exit(f"{folder} is there already, and golden streams are never edited")
    log = EventFiles(folder, TickingClock(step=3.25), redactor=Redactor())
    tell_all(log)
    log.close()
    heads = {stream: log.read(stream)[-1].envelope.hash for stream in log.streams()}
    (folder / "heads.json").write_text(json.dumps(heads, indent=2) + "\n")
