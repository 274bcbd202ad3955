"""What is written to and read from git's plumbing: paths, branch names, fast-import streams, log records. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from haste.core.commits import Commit
from haste.errors import GitError

_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LONGEST_PATH = 1024


class Answer(NamedTuple):
    """What one git command said."""

    status: int
    output: bytes
    error: str

    @property
    def text(self) -> str:
        """The output without the newlines at its end."""
        return self.output.decode("utf-8", "replace").rstrip("\n")


class Runs(Protocol):
    """Runs git commands in one repository."""

    def start(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401  (a Popen)
        """A running command with both ends open."""
        ...

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        accept: Sequence[int] = (0,),
    ) -> Answer:
        """One command to its end. Raises GitError when it ends in a status that is not accepted."""
        ...


LOG_FORMAT = "%x00%H%x00%P%x00%cI%x00%an <%ae>%x00%s%x00%b%x00%(trailers:only,unfold)%x00"
"""Parted by NUL, which no message and no path can hold: nobody's text can pass for another field."""
_FIELDS = 7


def branch_ref(branch: str) -> str:
    """The full ref of a branch. Raises GitError for a name that is none or might be read as something else."""
    parts = branch.split("/")
    if (
        not _BRANCH.fullmatch(branch)
        or len(branch) > 200
        or ".." in branch
        or any(p.endswith((".lock", ".")) for p in parts)
    ):
        raise GitError(f"{branch!r} is no branch name", hint="letters, digits, '-', '_', '.' and '/'")
    return f"refs/heads/{branch}"


def is_commit_id(text: str) -> bool:
    """Whether the text is a full commit id."""
    return _COMMIT.fullmatch(text) is not None


def checked_path(path: str) -> str:
    """A path inside the tree. Raises GitError for one that leaves it, hides in it, or needs quoting."""
    parts = path.split("/")
    wrong = (
        not path
        or len(path) > _LONGEST_PATH
        or any(p in ("", ".", "..") or p.lower().rstrip(". ").startswith(".git") for p in parts)
        or any(not c.isprintable() or c in '\\"' for c in path)
    )
    if wrong and path not in (".gitignore", ".gitattributes"):
        raise GitError(f"{path[:80]!r} is no path inside the tree", hint="relative, with '/', without '..'")
    return path


def commit_stream(
    ref: str, files: Mapping[str, bytes | None], message: str, *, people: tuple[str, str], parent: str | None
) -> bytes:
    """A fast-import stream that makes one commit on `ref` and prints its id. `people` are author and committer."""
    text = message.encode()
    head = [
        f"commit {ref}",
        "mark :1",
        f"author {people[0]} now",
        f"committer {people[1]} now",
        f"data {len(text)}",
    ]
    chunks = ["\n".join(head).encode(), b"\n", text, b"\n"]
    if parent:
        chunks.append(f"from {parent}\n".encode())
    for path, data in sorted(files.items()):
        name = f'"{checked_path(path)}"'
        if data is None:
            chunks.append(f"D {name}\n".encode())
        else:
            chunks += [f"M 100644 inline {name}\ndata {len(data)}\n".encode(), data, b"\n"]
    chunks.append(b"get-mark :1\ndone\n")
    return b"".join(chunks)


def read_log(output: bytes) -> Iterator[Commit]:
    """Commits out of `git log -z --name-only` with LOG_FORMAT."""
    tokens = output.decode("utf-8", "replace").split("\0")
    place = 0
    while place + _FIELDS < len(tokens):
        commit, parents, at, author, subject, body, trailers = tokens[place + 1 : place + 1 + _FIELDS]
        place += _FIELDS + 2
        end = next((n for n in range(place, len(tokens)) if not tokens[n]), len(tokens))
        yield Commit(
            id=commit,
            parents=tuple(parents.split()),
            at=at,
            author=author,
            subject=subject,
            body=body.strip(),
            trailers=read_trailers(trailers),
            paths=tuple(path.removeprefix("\n") for path in tokens[place:end]),
        )
        place = end


def read_trailers(text: str) -> dict[str, str]:
    """Trailers by key; the first of each counts."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if colon:
            found.setdefault(key.strip(), value.strip())
    return found
