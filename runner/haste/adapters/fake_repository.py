"""The ports `Repository` and `SkillStore` in memory, for tests and for trying things out."""

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from haste.adapters.git_text import branch_ref, checked_path, is_commit_id, read_trailers
from haste.adapters.skill_files import parse_skill, place_of
from haste.core.commits import Commit
from haste.core.lint import SKILL_FILE
from haste.core.skill import Skill
from haste.errors import BranchMoved, GitError, SkillError
from haste.ports import Repository, Side

Tree = Mapping[str, bytes]
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryRepository:
    """A repository of whole trees. `dirty` names the files with uncommitted changes of the user."""

    def __init__(self, files: Tree | None = None, *, branch: str = "main") -> None:
        self.trees: dict[str, Tree] = {}
        self.commits: dict[str, Commit] = {}
        self.refs: dict[str, str] = {}
        self.remotes: dict[str, MemoryRepository] = {}
        self.dirty: set[str] = set()
        self._on = branch
        self.refs[branch] = self._commit(dict(files or {}), "chore: begin", ())

    def head(self) -> str:
        """The commit that the workspace stands on."""
        return self.refs[self._on]

    def branch(self) -> str:
        """The branch that the workspace stands on."""
        return self._on

    def tip(self, branch: str) -> str | None:
        """The newest commit of a branch; None where there is no such branch."""
        branch_ref(branch)
        return self.refs.get(branch)

    def branches(self, prefix: str) -> dict[str, str]:
        """Name and tip of every branch whose name starts with `prefix`."""
        return {name: tip for name, tip in sorted(self.refs.items()) if name.startswith(prefix)}

    def read(self, commit: str, path: str) -> bytes | None:
        """A file as it stands in a commit; None where it isn't there."""
        return self._tree(commit).get(checked_path(path))

    def paths(self, commit: str, folder: str) -> tuple[str, ...]:
        """The paths of all files under a folder of a commit."""
        return tuple(sorted(path for path in self._tree(commit) if path.startswith(f"{checked_path(folder)}/")))

    def called(self, commit: str, name: str, within: Sequence[str]) -> tuple[str, ...]:
        """The paths called `name` below these folders."""
        checked_path(name)
        found: set[str] = set()
        for path in self._tree(commit):
            parts = path.split("/")
            for number, part in enumerate(parts[1:], 1):
                above, over = "/".join(parts[:number]), "/".join(parts[: number - 1])
                if part == name and {above, f"{over}/*"} & set(within):
                    found.add(f"{above}/{name}")
        return tuple(sorted(found))

    def changed(self, old: str, new: str, folder: str = "") -> tuple[str, ...]:
        """The paths under a folder that differ between two commits."""
        before, after = self._tree(old), self._tree(new)
        paths = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
        return tuple(path for path in paths if not folder or path.startswith(f"{folder}/"))

    def containing(self, commit: str, text: str, folder: str) -> tuple[str, ...]:
        """The paths of the files under a folder of a commit that hold this text."""
        tree = self._tree(commit)
        return tuple(path for path in self.paths(commit, folder) if text.encode() in tree[path])

    def publish(
        self,
        branch: str,
        files: Mapping[str, bytes | None],
        message: str,
        *,
        base: str | None = None,
        seen: str | None = None,
    ) -> str:
        """One commit with these paths on a branch of its own; see `haste.ports.Repository`."""
        branch_ref(branch)
        if branch == self._on:
            raise GitError(f"branch {branch} is checked out in memory", hint="git switch to another branch")
        parent = self.refs.get(branch) or base or self.head()
        moved = {
            path for path in map(checked_path, files) if seen and self.read(seen, path) != self.read(parent, path)
        }
        if moved:
            raise BranchMoved(f"{min(moved)} was changed on {branch} meanwhile", hint="try again")
        tree = {**self._tree(parent), **{path: data for path, data in files.items() if data is not None}}
        kept = {path: data for path, data in tree.items() if files.get(path, b"") is not None}
        self.refs[branch] = self._commit(kept, message, (parent,))
        return self.refs[branch]

    def merge(
        self, source: str, message: str, *, only: Sequence[str] = (), seen: str | None = None, keep: Side = ""
    ) -> str:
        """A merge commit of a branch or commit into the workspace's branch; see `haste.ports.Repository`."""
        if seen and seen != self.head():
            raise BranchMoved(f"{self._on} has moved meanwhile", hint="try again")
        ours, theirs = self.head(), source if is_commit_id(source) else self.tip(source)
        if theirs is None:
            raise GitError(f"there is no branch {source}", hint="haste-run review list")
        if theirs in self._ancestors(ours):
            return ours
        tree = self._merged(ours, theirs, only, keep)
        touched = {path for path in {*tree, *self._tree(ours)} if tree.get(path) != self._tree(ours).get(path)}
        if held := touched & self.dirty:
            raise GitError(f"the work tree is in the way: {min(held)} has uncommitted changes")
        self.refs[self._on] = self._commit(tree, message, (ours, theirs))
        return self.head()

    def history(
        self, tip: str, *, since: str | None = None, path: str | None = None, says: str = "", limit: int = 0
    ) -> list[Commit]:
        """Commits reachable from `tip` and not from `since`, newest first, with the paths they touched."""
        left_out = set(self._ancestors(since)) if since else set()
        found = [self.commits[one] for one in self._ancestors(tip) if one not in left_out]
        if path:
            found = [c for c in found if any(p == path or p.startswith(f"{path}/") for p in c.paths)]
        if says:
            found = [
                c for c in found if says in "\n".join([c.subject, c.body, *map(": ".join, c.trailers.items())])
            ]
        return found[: limit or None]

    def diff(self, old: str, new: str, path: str = "") -> str:
        """The change between two commits as a patch."""
        before, after = self._tree(old), self._tree(new)
        parts: list[str] = []
        for one in sorted({*before, *after}):
            if one.startswith(path) and before.get(one) != after.get(one):
                a, b = (tree.get(one, b"").decode("utf-8", "replace").splitlines() for tree in (before, after))
                parts += difflib.unified_diff(a, b, f"a/{one}", f"b/{one}", lineterm="")
        return "\n".join(parts)

    def delete_branch(self, branch: str, *, expected: str) -> None:
        """Remove a branch that still stands at `expected`."""
        if self.refs.get(branch) != expected:
            raise BranchMoved(f"branch {branch} does not stand at {expected[:12]}")
        del self.refs[branch]

    def fetch(self, source: str, branch: str | None = None) -> str:
        """Bring the commits of a remote in; returns the tip of its branch."""
        if source not in self.remotes:
            raise GitError(f"{source!r} is no repository", hint="a path or a URL")
        other = self.remotes[source]
        self.trees |= other.trees
        self.commits |= other.commits
        return other.refs[branch or other.branch()]

    def push(self, branch: str, *, remote: str) -> None:
        """Send a branch to a remote of the workspace."""
        if remote not in self.remotes:
            raise GitError(f"there is no remote {remote!r}", hint=f"git remote add {remote} URL")
        other = self.remotes[remote]
        other.trees |= self.trees
        other.commits |= self.commits
        other.refs[branch] = self.refs[branch]

    def _tree(self, commit: str) -> Tree:
        if not is_commit_id(commit) or commit not in self.trees:
            raise GitError(f"{commit[:80]!r} is no commit id")
        return self.trees[commit]

    def _commit(self, tree: Tree, message: str, parents: tuple[str, ...]) -> str:
        number = len(self.commits)
        commit = hashlib.sha1(
            f"{id(self)} {number} {message} {parents}".encode(), usedforsecurity=False
        ).hexdigest()
        subject, _, body = message.strip().partition("\n\n")
        last = body.rsplit("\n\n", 1)[-1]
        lines = last.splitlines()
        trailers = read_trailers(last) if lines and all(": " in line for line in lines) else {}
        old = self.trees[parents[0]] if parents else {}
        touched = sorted(path for path in {*old, *tree} if old.get(path) != tree.get(path))
        self.trees[commit] = tree
        self.commits[commit] = Commit(
            id=commit,
            parents=parents,
            at=(_EPOCH + timedelta(seconds=number)).isoformat(),
            author="HASTE <haste@localhost>",
            subject=subject,
            body=body,
            trailers=trailers,
            paths=tuple(touched) if len(parents) < 2 else (),
        )
        return commit

    def _ancestors(self, commit: str) -> list[str]:
        """The commit and everything before it, newest first."""
        self._tree(commit)
        seen, waiting = {commit}, [commit]
        while waiting:
            for parent in self.commits[waiting.pop()].parents:
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
        return [one for one in reversed(self.commits) if one in seen]

    def _merged(self, ours: str, theirs: str, only: Sequence[str], keep: Side) -> dict[str, bytes]:
        shared = set(self._ancestors(ours))
        common = next((one for one in self._ancestors(theirs) if one in shared), None)
        before: Tree = self.trees[common] if common else {}
        mine, yours = self._tree(ours), self._tree(theirs)
        tree = dict(mine)
        clashes: list[str] = []
        for path in sorted({*mine, *yours, *before}):
            old, a, b = before.get(path), mine.get(path), yours.get(path)
            if b in (old, a) or (only and not any(path.startswith(f"{folder}/") for folder in only)):
                continue
            if a != old and not (path.startswith("events/") and a and b and _grew(a, b)):
                if not keep:
                    clashes.append(path)
                elif (kept := {"ours": a, "theirs": b}[keep]) is None:
                    tree.pop(path, None)
                else:
                    tree[path] = kept
            elif b is None:
                tree.pop(path, None)
            elif a is None or a == old or len(b) > len(a):
                tree[path] = b
        if clashes:
            raise GitError(f"both sides changed {', '.join(clashes[:5])}", hint="nothing was changed")
        return tree


class MemorySkills:
    """The port `SkillStore` over any repository, without lint."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def head(self) -> str:
        """The commit that skills are read from."""
        return self._repository.head()

    def load(self, commit: str | None = None, *, within: Sequence[str] = ()) -> tuple[Skill, ...]:
        """The skills of a commit under these folders (default: all), sorted by path; broken ones are left out."""
        commit = commit or self.head()
        found: list[Skill] = []
        for path in self._repository.paths(commit, "skills"):
            folder, _, file = path.rpartition("/")
            inside = not within or any(f"{folder}/".startswith(f"{place}/") for place in within)
            if inside and file == SKILL_FILE and place_of(folder):
                text = (self._repository.read(commit, path) or b"").decode("utf-8", "replace")
                try:
                    found.append(parse_skill(folder, text))
                except SkillError:
                    continue
        return tuple(sorted(found, key=lambda skill: skill.path))


def _grew(a: bytes, b: bytes) -> bool:
    return a.startswith(b) or b.startswith(a)
