"""Bringing a checked-out branch forward: ref, index and files together, or none of them.

The user's uncommitted changes and staged entries stay as they are; a touched file that has some is a refusal. The
index is locked the way git locks it, worked on as a copy, and put in place by a rename. The ref is locked before
the first file is written, so that the last step cannot fail.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from haste.adapters.git_lock import index_locked
from haste.adapters.git_text import Runs
from haste.errors import GitError

_STREAMS = "events/"
_ABSENT = "0" * 40


class _Touched(NamedTuple):
    """One path that the step changes: its entries before and after, `mode blob` or ''."""

    path: str
    old: str
    new: str


def bring_forward(git: Runs, folder: Path, index: Path, *, ref: str, old: str | None, new: str) -> bool:
    """Move `ref`, which is checked out in `folder`, from `old` to `new`; False where it moved meanwhile.

    Raises GitError, with everything as it was, where an uncommitted change is in the way.
    """
    with index_locked(index) as copy:
        if index.exists():
            shutil.copy2(index, copy)  # with its time: git tells by it which entries to look at closely
        if git.run("symbolic-ref", "--quiet", "HEAD", accept=(0, 1)).text != ref:
            return False
        environment = {"GIT_INDEX_FILE": str(copy)}
        git.run("update-index", "-q", "--refresh", environment=environment, accept=(0, 1))
        before = old or git.run("hash-object", "-t", "tree", "--stdin").text
        touched = _touched(git, before, new)
        staying = _check(git, folder, touched, environment)
        with _prepared(git, ref, old, new) as prepared:
            if not prepared:
                return False
            lines = [f"{t.new}\t{t.path}" for t in staying]
            if lines:
                stdin = "\0".join([*lines, ""]).encode()
                git.run("update-index", "-z", "--add", "--index-info", stdin=stdin, environment=environment)
            git.run("read-tree", "-m", "-u", before, new, environment=environment)
            copy.replace(index)
    return True


def _touched(git: Runs, old: str, new: str) -> list[_Touched]:
    output = git.run("diff-tree", "-r", "-z", "--no-renames", "--raw", old, new).output.decode("utf-8", "replace")
    parts = [part for part in output.split("\0") if part]
    touched = []
    for told, path in zip(parts[::2], parts[1::2], strict=True):
        before, after, old_blob, new_blob, _ = told.lstrip(":").split()
        touched.append(_Touched(path, _entry(before, old_blob), _entry(after, new_blob)))
    return touched


def _entry(mode: str, blob: str) -> str:
    return "" if set(blob) == {"0"} else f"{mode} {blob}"


def _check(git: Runs, folder: Path, touched: list[_Touched], environment: dict[str, str]) -> list[_Touched]:
    """Those paths whose file on disk may stay. Raises GitError that lists the ones with uncommitted changes."""
    staged = _index_entries(git, environment)
    dirty = set(git.run("diff-files", "-z", "--name-only", environment=environment).text.split("\0"))
    staying: list[_Touched] = []
    problems: list[str] = []
    for one in touched:
        entry, file = staged.get(one.path, ""), folder / one.path
        on_disk = file.is_symlink() or file.exists()
        if entry not in (one.old, one.new):
            problems.append(f"{one.path} has staged changes")
        elif (one.path in dirty if entry else on_disk) and (one.new or entry):
            if not on_disk and not one.new:
                continue
            if on_disk and one.new and _may_stay(git, file, one):
                staying.append(one)
            else:
                problems.append(f"{one.path} " + ("has uncommitted changes" if entry else "is there, untracked"))
    if problems:
        raise GitError(
            f"the work tree is in the way: {'; '.join(problems[:5])}",
            hint="nothing was changed; commit or move those, then try again",
        )
    return staying


def _index_entries(git: Runs, environment: dict[str, str]) -> dict[str, str]:
    """Path → `mode blob` of everything in the index; an unmerged path has an entry that equals no other."""
    entries: dict[str, str] = {}
    listed = git.run("ls-files", "-s", "-z", environment=environment).output.decode("utf-8", "replace")
    for record in filter(None, listed.split("\0")):
        told, path = record.split("\t", 1)
        mode, blob, stage = told.split()
        entries[path] = f"{mode} {blob}" if stage == "0" else "unmerged"
    return entries


def _may_stay(git: Runs, file: Path, one: _Touched) -> bool:
    """Whether the file on disk is the new one already, or a stream that has grown beyond it."""
    if file.is_symlink() or not file.is_file():
        return False
    blob = one.new.split()[1]
    if git.run("hash-object", "--stdin", f"--path={one.path}", stdin=file.read_bytes()).text == blob:
        return True
    return one.path.startswith(_STREAMS) and file.read_bytes().startswith(git.run("cat-file", "blob", blob).output)


@contextmanager
def _prepared(git: Runs, ref: str, old: str | None, new: str) -> Iterator[bool]:
    """Hold the ref's lock, with its old value checked, until the end of the block; then the ref is moved."""
    process = git.start("update-ref", "-m", "haste: merge", "--stdin")
    said = _tell(process, f"start\nupdate {ref} {new} {old or _ABSENT}\nprepare\n", lines=2)
    if said != ["start: ok", "prepare: ok"]:
        _, error = process.communicate()
        text = error.decode("utf-8", "replace")
        if "but expected" not in text and "already exists" not in text and "lock" not in text:
            raise GitError(f"git update-ref failed: {text.strip()[-300:]}")
        yield False
        return
    try:
        yield True
    except BaseException:
        process.communicate(b"abort\n")
        raise
    process.communicate(b"commit\n")
    if process.returncode:
        raise GitError(f"{ref} could not be moved to {new[:12]}", hint="git status; then try again")


def _tell(process: Any, text: str, *, lines: int) -> list[str]:  # noqa: ANN401  (a Popen)
    process.stdin.write(text.encode())
    process.stdin.flush()
    return [process.stdout.readline().decode().strip() for _ in range(lines)]
