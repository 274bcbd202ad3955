"""What is kept of the runs: the skills and the git repository that holds them."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from haste.core.commits import Commit
from haste.core.skill import Skill

Side = Literal["", "ours", "theirs"]


class SkillStore(Protocol):
    """Skills as they stand in the committed tree."""

    def head(self) -> str:
        """The commit that skills are read from."""
        ...

    def load(self, commit: str | None = None, *, within: Sequence[str] = ()) -> tuple[Skill, ...]:
        """The skills of a commit (default: head) under these folders (default: all), sorted by path.

        A broken one is left out and told by lint.
        """
        ...


class Repository(Protocol):
    """The workspace's git repository, written without touching what the user has checked out."""

    def head(self) -> str:
        """The commit that the workspace stands on."""
        ...

    def branch(self) -> str:
        """The branch that the workspace stands on. Raises GitError on a detached head."""
        ...

    def tip(self, branch: str) -> str | None:
        """The newest commit of a branch; None where there is no such branch."""
        ...

    def branches(self, prefix: str) -> dict[str, str]:
        """Name and tip of every branch whose name starts with `prefix`, sorted by name."""
        ...

    def read(self, commit: str, path: str) -> bytes | None:
        """A file as it stands in a commit; None where it isn't there."""
        ...

    def paths(self, commit: str, folder: str) -> tuple[str, ...]:
        """The paths of all files under a folder of a commit."""
        ...

    def called(self, commit: str, name: str, within: Sequence[str]) -> tuple[str, ...]:
        """The paths called `name`, files or folders, straight below these folders of a commit, sorted.

        A folder that ends in `/*` stands for all the folders in it.
        """
        ...

    def changed(self, old: str, new: str, folder: str = "") -> tuple[str, ...]:
        """The paths under a folder that differ between two commits."""
        ...

    def containing(self, commit: str, text: str, folder: str) -> tuple[str, ...]:
        """The paths of the files under a folder of a commit that hold this text."""
        ...

    def publish(
        self,
        branch: str,
        files: Mapping[str, bytes | None],
        message: str,
        *,
        base: str | None = None,
        seen: str | None = None,
    ) -> str:
        """One commit with these paths (None removes one) on a branch of its own, made from `base` if it is new.

        `seen` is the commit from which the caller read what it now changes: where one of the paths was changed
        since, BranchMoved is raised; other movements of the branch are followed.
        """
        ...

    def merge(
        self, source: str, message: str, *, only: Sequence[str] = (), seen: str | None = None, keep: Side = ""
    ) -> str:
        """A merge commit of a branch or commit into the workspace's branch; its id, or the head's if it is in it.

        `only` limits what comes in to these top folders. Raises GitError where both sides changed the same skill,
        and where a touched file has uncommitted changes: nothing is changed then. `seen` is the commit that the
        caller looked at: where the workspace stands on another one by now, BranchMoved is raised. `keep` says whose
        version stays of a file that both sides have changed.
        """
        ...

    def history(
        self, tip: str, *, since: str | None = None, path: str | None = None, says: str = "", limit: int = 0
    ) -> list[Commit]:
        """Commits reachable from `tip` and not from `since`, newest first, with the paths they touched.

        `path` keeps those that touched it, `says` those whose message has this text.
        """
        ...

    def diff(self, old: str, new: str, path: str = "") -> str:
        """The change between two commits as a patch."""
        ...

    def delete_branch(self, branch: str, *, expected: str) -> None:
        """Remove a branch that still stands at `expected`; BranchMoved where it is gone or stands elsewhere."""
        ...

    def fetch(self, source: str, branch: str | None = None) -> str:
        """Bring the commits of another repository (a path or a URL) in; returns the tip of its branch."""
        ...

    def push(self, branch: str, *, remote: str) -> None:
        """Send a branch to a remote of the workspace."""
        ...
