"""Where the files of a run lie in a workspace, and how a folder or file appears there all at once."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from haste.adapters.durable import write_synced
from haste.core.competition import Fold
from haste.errors import UsageError, WorkspaceError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


class Places:
    """Paths under a workspace. Every name is checked, so that none leads out of it."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self._inner = workspace / ".haste"

    def run(self, run: str) -> Path:
        """The folder of a run."""
        parts = run.split("/")
        if len(parts) > 2 or not all(_NAME.fullmatch(part) for part in parts):
            raise UsageError(f"{run!r} can't be the name of a run")
        return self._inner.joinpath("runs", *parts)

    def view(self, run: str, fold: Fold) -> Path:
        """The folder of a view."""
        return self.run(run) / "views" / fold.key

    def key(self, run: str, fold: Fold) -> Path:
        """What the rows of a view's test table are: kept outside every view."""
        return self.run(run) / "keys" / f"{fold.key}.npz"

    def digests(self, run: str) -> Path:
        """The digests of the tables that a run's views were made of."""
        return self.run(run) / "keys" / "digests.json"

    def work(self, run: str, solution: str, fold: Fold) -> Path:
        """The work folder of one evaluation."""
        return self.run(run) / "work" / _checked(solution) / fold.key

    def predictions(self, run: str, solution: str, fold: Fold) -> Path:
        """The predictions of one evaluation."""
        return self.run(run) / "predictions" / _checked(solution) / f"{fold.key}.npz"

    def pool(self, competition: str) -> Path:
        """One copy of files that belong to rows, where they can't be linked across file systems."""
        return self._inner / "pool" / _checked(competition)

    def submission(self, competition: str, run: str) -> Path:
        """The submission of a run."""
        self.run(run)
        return self.workspace / "submissions" / _checked(competition) / f"{run.rsplit('/', 1)[-1]}.csv"


@contextmanager
def appearing(place: Path) -> Iterator[Path]:
    """A folder to fill, which then appears at `place` whole; where somebody was faster, theirs stays."""
    place.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    try:
        yield making
        making.chmod(0o755)
        try:
            making.rename(place)
        except OSError:
            if not place.is_dir():
                raise
    finally:
        shutil.rmtree(making, ignore_errors=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, and its entry in its folder with it."""
    try:
        write_synced(path, data, path.parent)
    except OSError as error:
        hint = "make room or get the right to write there, then go on: haste-run resume last"
        raise WorkspaceError(f"can't write {path}: {error.strerror}", hint=hint) from error


def emptied(folder: Path) -> Path:
    """The folder, there and empty."""
    if folder.is_symlink():
        folder.unlink()
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} can't be a name of a file")
    return name
