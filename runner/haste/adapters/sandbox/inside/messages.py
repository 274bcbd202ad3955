"""What the runner and a warm process say to each other: one JSON object a line, over a socket pair."""

import json
import socket
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Confinement = Literal["bubblewrap", "landlock", "none"]
Stopped = Literal["", "timed_out", "out_of_memory", "too_many_processes", "too_large", "sandbox_broke", "stopped"]


@dataclass(frozen=True)
class Plan:
    """How a warm process is set up, for as long as it lives. Paths are as seen from inside."""

    control: int
    confinement: Confinement
    imports: tuple[str, ...]
    work: str
    temporary: str = ""
    """A private folder for temporary files; empty where the work folder has to serve."""
    memory_folders: tuple[str, ...] = ()
    """Folders kept in memory, whose content counts as memory and is emptied after each script."""
    readable: tuple[str, ...] = ()
    """What the script may read and execute besides its view and its work folder."""
    devices: tuple[str, ...] = ()
    fresh_interpreter: bool = False


@dataclass(frozen=True)
class Order:
    """One script to run, with its limits. The script is `solution.py` in the work folder."""

    seconds: float
    memory_bytes: int
    processes: int
    file_bytes: int
    gpu: str = ""
    view: str = ""
    """The folder of the script's view, as seen from inside."""


@dataclass(frozen=True)
class Report:
    """How a script ended. `status` is its exit code, or minus the signal that killed it."""

    status: int = 0
    stopped: Stopped = ""
    detail: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    memory_bytes: int = 0
    output: str = ""
    cut_bytes: int = 0
    """How much of the output's beginning was dropped."""
    saved_seconds: float = 0.0
    """What the fits took that were read instead of made; the runner fills it in."""


@dataclass(frozen=True)
class Settled:
    """Nothing of the script runs any more. `clean` is false where something is left of it all the same."""

    clean: bool


@dataclass(frozen=True)
class Ready:
    """A warm process has imported what it could and waits for orders."""

    pid: int
    missing: tuple[str, ...] = ()
    landlock: int = 0


STOP = b"stop\n"


def pack(message: Plan | Order | Report | Settled | Ready) -> bytes:
    """A message as one line."""
    return json.dumps(asdict(message), separators=(",", ":")).encode() + b"\n"


def unpack_plan(line: bytes | str) -> Plan:
    """A plan out of its line."""
    fields: dict[str, Any] = json.loads(line)
    for name in ("imports", "memory_folders", "readable", "devices"):
        fields[name] = tuple(fields[name])
    return Plan(**fields)


@dataclass
class Lines:
    """Whole lines out of a socket. `None` from `next` means that the other side is gone."""

    channel: socket.socket
    buffer: bytearray = field(default_factory=bytearray)

    @property
    def waiting(self) -> bool:
        """Whether a whole line was already received."""
        return b"\n" in self.buffer

    def next(self) -> bytes | None:
        """The next line, waiting for it; `TimeoutError` where the socket has a time limit."""
        while not self.waiting:
            try:
                chunk = self.channel.recv(65536)
            except ConnectionError:
                return None
            if not chunk:
                return None
            self.buffer += chunk
        line, _, rest = bytes(self.buffer).partition(b"\n")
        self.buffer[:] = rest
        return line
