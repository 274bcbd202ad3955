"""The fits that a script need not make again: it keeps them in a folder of its work folder, by joblib.Memory."""

import contextlib
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = "cache"
"""What a script finds again when the next one runs on the same view."""
NOTE = "seconds-saved"
"""The file in it that says what the last script was saved."""


class Savings:
    """Counts what each result that joblib reads back took to make."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def count(self, facts: dict[str, Any]) -> bool:
        """joblib asks this before it reads a result: it is always good."""
        with contextlib.suppress(TypeError, ValueError):
            took = float(facts.get("duration", 0.0))
            self.seconds += took if math.isfinite(took) and took > 0.0 else 0.0
        return True

    def note(self, work: Path) -> None:
        """Leave the sum where the runner looks for it."""
        folder = work / FOLDER
        with contextlib.suppress(OSError):
            if self.seconds > 0.0 and folder.is_dir():
                (folder / NOTE).write_text(f"{self.seconds:.3f}")


def counted() -> Savings:
    """Have every `joblib.Memory` of this process counted; one that asks for its own validation is left alone."""
    savings = Savings()
    memory = getattr(sys.modules.get("joblib"), "Memory", None)
    if memory is not None:
        memory.cache = _counting(memory.cache, savings)
    return savings


def _counting(cache: Callable[..., Any], savings: Savings) -> Callable[..., Any]:
    def counting(self: object, func: object = None, *rest: object, **options: object) -> object:
        if options.get("cache_validation_callback") is None:
            options["cache_validation_callback"] = savings.count
        return cache(self, func, *rest, **options)

    return counting
