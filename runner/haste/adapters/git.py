"""The one door to GitPython: it opens the repository and runs plumbing in a clean environment.

Nothing here touches the user's checkout, index or hooks, but for `merge`, which brings the work tree forward the
way `git merge --ff-only` would. No text that a model wrote is ever an option, a ref or a URL.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from haste.adapters.git_commits import Committer
from haste.adapters.git_lock import held
from haste.adapters.git_merge import merge_trees
from haste.adapters.git_reading import GitReader, revision
from haste.adapters.git_text import Answer, branch_ref, is_commit_id
from haste.adapters.git_worktree import bring_forward
from haste.errors import BranchMoved, GitError, WorkspaceError
from haste.ports import Side

_TRIES = 40
_PAUSE = 0.02
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    "core.fsync=committed,reference",
    "core.fsmonitor=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "log.showSignature=false",
    "protocol.ext.allow=never",
)
# What names a person, a transport or a configuration stays; what redirects git to another repository goes.
_KEPT = frozenset(
    {
        "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_SSH",
        "GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM",
        "GIT_EXEC_PATH",
    }
)  # fmt: skip


class Plumbing:
    """Runs git commands in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._git = _git().Git(str(folder))

    def start(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401  (a Popen)
        """A running git command with both ends open."""
        more = {"GIT_TERMINAL_PROMPT": "0", **(environment or {})}
        # GitPython can add to the environment of git but not take away from it, so `env` does.
        outside = [f"-u{name}" for name in os.environ if _redirects(name) and name not in more]
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        command = [*(["env", *outside] if outside else []), "git", *settings, *arguments]
        try:
            return self._git.execute(command, istream=subprocess.PIPE, as_process=True, env=more)
        except _git().GitCommandNotFound as error:
            raise GitError("git was not found", hint="install git 2.38 or newer") from error

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        accept: Sequence[int] = (0,),
    ) -> Answer:
        """Run one command to its end. Raises GitError with what git said when it ends in a status not accepted."""
        process = self.start(*arguments, environment=environment)
        output, error = process.communicate(stdin)
        answer = Answer(process.returncode, output, error.decode("utf-8", "replace").strip())
        if answer.status not in accept:
            said = [line for line in answer.error.splitlines() if line.strip()] or [answer.text[-200:]]
            raise GitError(f"git {arguments[0]} failed: {' / '.join(said[-3:])[:600]}")
        return answer


class GitRepository(GitReader):
    """The port `Repository` over a git repository on disk."""

    def __init__(self, folder: Path, git_folder: Path, *, bare: bool = False) -> None:
        self.folder = folder
        self.where = str(folder)
        self.git_folder = git_folder
        self.bare = bare
        self.git = Plumbing(folder)
        self._committer = Committer(self.git)

    @property
    def person(self) -> str:
        """The name that decisions are signed with: the user's, or HASTE's own."""
        return self._committer.people[0].partition(" <")[0]

    def begin(self, files: Mapping[str, bytes], message: str) -> str:
        """The first commit of an empty repository, and the work tree with it."""
        ref = branch_ref(self.branch())
        waiting = f"refs/haste/unsigned/{uuid4().hex}"
        commit = self._committer.commit(waiting, files, message, parent=None, tip=None)
        if commit is None or not self._move(ref, commit, None):
            raise GitError(f"{self.folder} has commits already", hint="nothing was changed")
        self.git.run("update-ref", "-d", waiting)
        return commit

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
        ref = branch_ref(branch)
        for _ in range(_TRIES):
            tip, held_by = self.stand(ref)
            if held_by:
                raise GitError(f"branch {branch} is checked out in {held_by}", hint="git switch to another branch")
            parent = tip or base or self.head()
            if seen and seen != parent and (moved := files.keys() & set(self.changed(seen, parent))):
                raise BranchMoved(f"{sorted(moved)[0]} was changed on {branch} meanwhile", hint="try again")
            if commit := self._committer.commit(ref, files, message, parent=parent, tip=tip):
                return commit
            time.sleep(_PAUSE)
        raise self._kept_from(ref)

    def merge(
        self, source: str, message: str, *, only: Sequence[str] = (), seen: str | None = None, keep: Side = ""
    ) -> str:
        """A merge commit of a branch or commit into the workspace's branch; see `haste.ports.Repository`."""
        for _ in range(_TRIES):
            target, ours = branch_ref(self.branch()), self.head()
            if seen and seen != ours:
                raise BranchMoved(f"{target} has moved meanwhile", hint="try again")
            theirs = source if is_commit_id(source) else self.tip(source)
            if theirs is None:
                raise GitError(f"there is no branch {source}", hint="haste-run review list")
            if self.is_ancestor(theirs, ours):
                return ours
            tree = merge_trees(self.git, ours, theirs, only=only, keep=keep)
            commit = self._committer.commit_tree(tree, message, parents=(ours, theirs))
            if self._move(target, commit, ours):
                self._note_paths()
                return commit
            time.sleep(_PAUSE)
        raise self._kept_from(target)

    def _kept_from(self, ref: str) -> GitError:
        """Why a ref could not be moved: somebody's lock on it stays, or it moved at every try."""
        for name in (ref, "packed-refs", "HEAD"):
            path = self.folder / self.git.run("rev-parse", "--git-path", name).text
            if (lock := path.with_name(f"{path.name}.lock")).exists():
                return held(lock)
        branch = ref.removeprefix("refs/heads/")
        return BranchMoved(f"branch {branch} kept moving during {_TRIES} tries", hint="try again")

    def delete_branch(self, branch: str, *, expected: str) -> None:
        """Remove a branch that still stands at `expected`; see `haste.ports.Repository`."""
        command = ("update-ref", "-d", branch_ref(branch), revision(expected))
        answer = self.git.run(*command, accept=(0, 1, 128))
        if answer.status:
            if self.tip(branch) != expected:
                raise BranchMoved(f"branch {branch} does not stand at {expected[:12]}")
            raise GitError(f"git update-ref failed: {answer.error[-300:]}")

    def _note_paths(self) -> None:
        """Let git remember which commit touched which path, so that one skill's history is found at once.

        Somebody else may be at it, and nothing depends on it.
        """
        asked = ("commit-graph", "write", "--reachable", "--changed-paths", "--split", "--no-progress")
        self.git.run(*asked, accept=(0, 1, 128))

    def fetch(self, source: str, branch: str | None = None) -> str:
        """Bring the commits of another repository in; returns the tip of its branch. Nothing else is kept of it."""
        kept = f"refs/haste/fetched/{uuid4().hex}"
        what = branch_ref(branch) if branch else "HEAD"
        if source.startswith("-"):
            raise GitError(f"{source!r} is no repository", hint="a path or a URL")
        asked = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", source, f"+{what}:{kept}")
        answer = self.git.run(*asked, accept=(0, 1, 128))
        if answer.status:
            raise _not_fetched(source, branch, answer.error)
        commit = self.git.run("rev-parse", "--verify", f"{kept}^{{commit}}").text
        self.git.run("update-ref", "-d", kept)
        return commit

    def push(self, branch: str, *, remote: str) -> None:
        """Send a branch to a remote of the workspace."""
        if remote not in self.git.run("remote").text.splitlines():
            raise GitError(f"there is no remote {remote!r}", hint=f"git remote add {remote} URL")
        ref = branch_ref(branch)
        self.git.run("push", "--quiet", "--no-verify", remote, f"{ref}:{ref}")

    def _move(self, ref: str, new: str, old: str | None) -> bool:
        """Move the workspace's own branch, and the work tree with it where there is one."""
        if self.bare:
            return self._committer.set_ref(ref, new, old)
        return bring_forward(self.git, self.folder, self.git_folder / "index", ref=ref, old=old, new=new)


def open_repository(workspace: Path) -> GitRepository:
    """The repository of a workspace, which must be its top folder. Raises WorkspaceError where there is none."""
    door = _git()
    try:
        with _unredirected(), door.Repo(workspace, expand_vars=False) as repo:
            top = repo.working_tree_dir
            return GitRepository(Path(top or repo.git_dir), Path(repo.git_dir), bare=repo.bare)
    except (door.InvalidGitRepositoryError, door.NoSuchPathError) as error:
        hint = "make one with haste-run init NEW-FOLDER; or here: git init && git add . && git commit -m begin"
        raise WorkspaceError(f"{workspace} is not the top folder of a git repository", hint=hint) from error


def init_repository(workspace: Path, files: Mapping[str, bytes], *, message: str = "chore: begin") -> GitRepository:
    """Make a repository of a folder, with one commit of these files, which then stand in the folder too."""
    workspace.mkdir(parents=True, exist_ok=True)
    if not (workspace / ".git").exists():
        Plumbing(workspace).run("init", "--quiet", "--initial-branch=main")
    repository = open_repository(workspace)
    if repository.git.run("rev-list", "--all", "--max-count=1").text:
        raise WorkspaceError(f"{workspace} is a git repository with commits already", hint="nothing was changed")
    repository.begin(files, message)
    return repository


def _not_fetched(source: str, branch: str | None, said: str) -> GitError:
    if "find remote ref" in said:
        hint = f"git ls-remote {source} lists what it has"
        return GitError(f"{source} has {f'no branch {branch}' if branch else 'no commit yet'}", hint=hint)
    hint = f"a folder with a .git in it, or a git URL; what git says: git ls-remote {source}"
    return GitError(f"{source} is no git repository, or can't be read", hint=hint)


def _redirects(name: str) -> bool:
    return name.startswith("GIT_") and name not in _KEPT and not name.startswith("GIT_PYTHON_")


@contextmanager
def _unredirected() -> Iterator[None]:
    """GitPython reads GIT_DIR and its kin by itself when it opens a repository: they are hidden from it."""
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if _redirects(name)}
    try:
        yield
    finally:
        os.environ.update(hidden)


def _git() -> Any:  # noqa: ANN401  (a module)
    import git  # noqa: TID251  (this is the door)

    return git
