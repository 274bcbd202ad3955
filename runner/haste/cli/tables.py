"""Plain tables for terminals and pipes: aligned columns, nothing that needs a colour to be read."""

import shutil
import sys
from collections.abc import Sequence

from haste.cli.plain import clean


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, wide: int = -1) -> str:
    """Rows under a head. On a terminal, column `wide` (the last by default) is cut to what room is left."""
    cells = [[clean(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    if sys.stdout.isatty():
        wide %= len(head)
        room = max(100, shutil.get_terminal_size().columns)
        spare = room - sum(w for i, w in enumerate(widths) if i != wide) - 2 * (len(head) - 1)
        widths[wide] = min(widths[wide], max(20, spare))
    return "\n".join("  ".join(_fit(c, w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells)


def _fit(text: str, width: int) -> str:
    return (text if len(text) <= width else text[: width - 1] + "…").ljust(width)
