"""Several runs at once on this machine, each in a process of its own that dies with this one."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from haste.settings import Settings

POLL_SECONDS = 0.05
LAST_BYTES = 20_000
"""Of what a process wrote, where its last line is looked for."""


class LocalRuns:
    """The port `RunPool`: `haste-run solve` as a subprocess for every run."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._running: list[subprocess.Popen[bytes]] = []

    def work(self, runs: Mapping[str, str], settings: Settings, *, parallel: int) -> None:
        """Keep up to `parallel` runs going until all have ended."""
        waiting = list(runs.items())
        while waiting or self._running:
            while waiting and len(self._running) < parallel:
                run, folder = waiting.pop(0)
                self._running.append(self._start(run, folder, settings))
            self._running = [process for process in self._running if process.poll() is None]
            time.sleep(POLL_SECONDS)

    def said(self, run: str) -> str:
        """The last line of what the run's process wrote that is no hint and no part of a traceback; '' for none."""
        try:
            text = self._output(run).read_bytes()[-LAST_BYTES:].decode("utf-8", "replace")
        except FileNotFoundError:
            return ""
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith(" ")]
        return lines[-1].removeprefix("haste-run: ")[:300] if lines else ""

    def close(self) -> None:
        """Stop what is running: an interrupt first, so that each closes its sandbox, then a kill."""
        for process in self._running:
            process.send_signal(2)
        for process in self._running:
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running = []

    def _output(self, run: str) -> Path:
        return self._workspace / ".haste" / "pool" / f"{run.replace('/', '-')}.log"

    def _start(self, run: str, folder: str, settings: Settings) -> "subprocess.Popen[bytes]":
        log = self._output(run)
        log.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "haste.cli.one_run", str(self._workspace), run, folder]
        with log.open("ab") as output:
            return subprocess.Popen(
                [*command, json.dumps(settings.model_dump(mode="json")), str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
