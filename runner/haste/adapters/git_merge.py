"""Merging two commits into a tree without any checkout. Event streams only grow: the longer of two is the merge."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from haste.adapters.git_text import Runs
from haste.errors import GitError
from haste.ports import Side

_STREAMS = "events/"


def merge_trees(git: Runs, ours: str, theirs: str, *, only: Sequence[str] = (), keep: Side = "") -> str:
    """The tree of the merge. Raises GitError that names the files which both sides changed, unless `keep` says
    whose are kept.
    """
    command = ("merge-tree", "--write-tree", "-z", "--allow-unrelated-histories", "--no-messages", ours, theirs)
    answer = git.run(*command, accept=(0, 1))
    records = answer.output.decode("utf-8", "replace").split("\0")
    tree, stages = records[0], [record for record in records[1:] if "\t" in record]
    sides = _sides(stages)
    solved: dict[str, str] = {}
    open_ones: list[str] = []
    for path, entries in sorted(sides.items()):
        if only and not _within(path, only):
            continue
        entry = _longer(git, entries) if path.startswith(_STREAMS) else _kept(entries, keep)
        if entry:
            solved[path] = entry
        else:
            open_ones.append(path)
    if open_ones:
        raise GitError(
            f"both sides changed {', '.join(open_ones[:5])}",
            hint="nothing was changed; merge by hand: git merge " + theirs[:12],
        )
    tree = _with_entries(git, tree, solved) if solved else tree
    return _with_folders(git, ours, tree, only) if only else tree


def _sides(stages: Sequence[str]) -> dict[str, dict[str, str]]:
    """Conflicting entries: path → stage → `mode id`."""
    sides: dict[str, dict[str, str]] = {}
    for record in stages:
        entry, path = record.split("\t", 1)
        mode, blob, stage = entry.split()
        sides.setdefault(path, {})[stage] = f"{mode} {blob}"
    return sides


def _kept(entries: dict[str, str], keep: Side) -> str | None:
    """The entry of the side that is kept, one that removes the file where that side did; None for no choice."""
    if not keep:
        return None
    blob = next(iter(entries.values())).split()[1]
    return entries.get({"ours": "2", "theirs": "3"}[keep], f"0 {'0' * len(blob)}")


def _longer(git: Runs, entries: dict[str, str]) -> str | None:
    """The entry whose content begins with all of the other's; None where they went different ways."""
    if "2" not in entries or "3" not in entries:
        return entries.get("2") or entries.get("3")
    ours, theirs = (git.run("cat-file", "blob", entries[stage].split()[1]).output for stage in ("2", "3"))
    if ours.startswith(theirs):
        return entries["2"]
    return entries["3"] if theirs.startswith(ours) else None


def _with_entries(git: Runs, tree: str, entries: Mapping[str, str]) -> str:
    """A tree with these entries, `mode id` by path, in the place of its own; mode 0 takes a path away."""
    with tempfile.TemporaryDirectory(prefix="haste-") as folder:
        environment = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        git.run("read-tree", tree, environment=environment)
        lines = [f"{entry}\t{path}" for path, entry in entries.items()]
        told = "\0".join([*lines, ""]).encode()
        git.run("update-index", "-z", "--index-info", stdin=told, environment=environment)
        return git.run("write-tree", environment=environment).text


def _with_folders(git: Runs, ours: str, merged: str, folders: Sequence[str]) -> str:
    """Our tree with these top folders as they are in the merged one, and nothing else of theirs."""
    kept = {name: line for name, line in _top(git, ours).items() if name not in folders}
    taken = {name: line for name, line in _top(git, merged).items() if name in folders}
    lines = "\0".join([*kept.values(), *taken.values(), ""])
    return git.run("mktree", "-z", stdin=lines.encode("utf-8", "surrogateescape")).text


def _top(git: Runs, tree: str) -> dict[str, str]:
    """The entries of a tree's top folder, by name, as `mktree` wants them."""
    listed = git.run("ls-tree", "-z", "--full-tree", tree).output.decode("utf-8", "surrogateescape")
    return {line.split("\t", 1)[1]: line for line in listed.split("\0") if line}


def _within(path: str, folders: Sequence[str]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in folders)
