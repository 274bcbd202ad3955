"""The fits that a script need not make again: it keeps them in a folder of its work folder, by joblib.Memory."""

import contextlib
import math
import os
import sys
from collections.abc import Callable, Iterator
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


def adopt(work: Path, script: str) -> None:
    """Have the script find what others kept: joblib files results by where a script lies.

    Each warm process may have a place of its own. Called where the script will run, fenced in as it is: what lies
    there is nothing to be trusted.
    """
    naming = sys.modules.get("joblib.func_inspect")
    if naming is None:
        return
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile("def function(): ...", script, "exec"), space)  # noqa: S102
    module, _ = naming.get_func_name(space["function"])
    kept = work / FOLDER / "joblib"
    wanted = kept.joinpath(*module)
    for found in _filed(kept, f"-{Path(script).stem}"):
        if found != wanted:
            with contextlib.suppress(OSError):
                os.renames(found, wanted)


def _filed(kept: Path, ending: str) -> Iterator[Path]:
    """The folders of scripts: joblib makes the path into a name, and a folder of each part between its dots."""
    for folder, inner, _ in os.walk(kept):
        if folder.endswith(ending):
            inner.clear()
            yield Path(folder)


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
