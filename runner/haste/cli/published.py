"""Streams as they were published: the anchor outside that a hash chain needs against its own end."""

from collections.abc import Iterator

from haste.bootstrap import Workspace
from haste.core.stream import Problem, problems_against
from haste.errors import GitError, WorkspaceError


class Published:
    """The streams in the commit that a workspace stands on; none where there is no such commit."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        try:
            self._head = workspace.repository.head()
            paths = workspace.repository.paths(self._head, "events")
        except (WorkspaceError, GitError):
            paths = ()
        self.streams = frozenset(p.removeprefix("events/").removesuffix(".jsonl") for p in paths if _is_stream(p))

    def problems(self, stream: str) -> Iterator[Problem]:
        """Where the stream in the work tree is not the published one, or that one grown longer."""
        if stream not in self.streams:
            return
        path = f"events/{stream}.jsonl"
        published = self._workspace.repository.read(self._head, path) or b""
        try:
            here = (self._workspace.root / path).read_bytes()
        except FileNotFoundError:
            yield Problem(stream=stream, what=f"it was published and is gone; git restore {path}")
            return
        yield from problems_against(stream, here, published)


def _is_stream(path: str) -> bool:
    return path.endswith(".jsonl") and path.count("/") == 2
