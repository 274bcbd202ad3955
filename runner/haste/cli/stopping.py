"""Being told to end: SIGTERM and a lost terminal stop a command as Ctrl-C does, with everything cleaned up."""

import signal
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class Terminated(KeyboardInterrupt):
    """A signal asked this process to end."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def stop_when_told() -> None:
    """Let the signals that ask for an end raise Terminated; what was set to be ignored, as by nohup, stays so."""
    for one in _SIGNALS:
        if signal.getsignal(one) is signal.SIG_DFL:
            signal.signal(one, _raise)


def exit_code(stop: BaseException | None) -> int:
    """130 after Ctrl-C, 128 and the signal's number after another."""
    return 128 + stop.number if isinstance(stop, Terminated) else 130


def _raise(number: int, _frame: FrameType | None) -> NoReturn:
    for one in _SIGNALS:
        signal.signal(one, signal.SIG_IGN)  # a second one would cut the cleaning short
    raise Terminated(number)
