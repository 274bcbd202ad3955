"""Which files of a row are pictures."""

from haste.core.competition import RowFiles
from haste.engineers.offline.problem import Problem

ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp")


def row_files(problem: Problem) -> RowFiles | None:
    """The first sort of files per row that are pictures; else the first sort whose names don't tell; else None."""
    files = problem.competition.row_files
    pictures = [f for f in files if f.train.lower().endswith(ENDINGS)]
    unnamed = [f for f in files if f.train.endswith("{id}")]
    return next(iter([*pictures, *unnamed]), None)
