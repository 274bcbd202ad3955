"""Reading a repository: where branches stand, what commits hold, how they came about. Nothing here writes."""

from collections.abc import Sequence

from haste.adapters.git_text import LOG_FORMAT, Runs, branch_ref, checked_path, is_commit_id, read_log
from haste.core.commits import Commit
from haste.errors import GitError, UsageError


class GitReader:
    """What can be asked of a git repository."""

    git: Runs
    where: str
    """The folder, for messages."""

    def head(self) -> str:
        """The commit that the workspace stands on."""
        answer = self.git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", accept=(0, 1))
        if answer.status:
            raise GitError(f"{self.where} has no commit yet", hint='git add . && git commit -m "begin"')
        return answer.text

    def branch(self) -> str:
        """The branch that the workspace stands on."""
        answer = self.git.run("symbolic-ref", "--quiet", "HEAD", accept=(0, 1))
        if answer.status:
            raise GitError(f"{self.where} stands on no branch (detached head)", hint="git switch main")
        return answer.text.removeprefix("refs/heads/")

    def tip(self, branch: str) -> str | None:
        """The newest commit of a branch; None where there is no such branch."""
        return self.stand(branch_ref(branch))[0]

    def branches(self, prefix: str) -> dict[str, str]:
        """Name and tip of every branch whose name starts with `prefix`."""
        listed = self.git.run("for-each-ref", "--format=%(refname)%09%(objectname)", "refs/heads/").text
        pairs = (line.removeprefix("refs/heads/").split("\t") for line in listed.splitlines())
        return {name: commit for name, commit in pairs if name.startswith(prefix)}

    def read(self, commit: str, path: str) -> bytes | None:
        """A file as it stands in a commit; None where it isn't there."""
        name = f"{revision(commit)}:{checked_path(path)}"
        answer = self.git.run("cat-file", "blob", name, accept=(0, 128))
        return answer.output if answer.status == 0 else None

    def paths(self, commit: str, folder: str) -> tuple[str, ...]:
        """The paths of all files under a folder of a commit."""
        asked = ("ls-tree", "-r", "-z", "--name-only", "--full-tree", revision(commit), "--", checked_path(folder))
        return tuple(path for path in self.git.run(*asked).text.split("\0") if path)

    def called(self, commit: str, name: str, within: Sequence[str]) -> tuple[str, ...]:
        """The paths called `name` below these folders; looks at those folders alone, not at what is in them."""
        asked = [checked_path(folder.removesuffix("/*")) + "/" * folder.endswith("/*") for folder in within]
        listed = self.git.run("ls-tree", "-d", "-z", "--full-tree", revision(commit), "--", *asked).text
        trees = [entry.split(None, 2)[2].split("\t", 1) for entry in listed.split("\0") if entry]
        if not trees or "/" in checked_path(name):
            return ()
        lines = "".join(f"{tree}:{name}\n" for tree, _ in trees).encode()
        answers = self.git.run("cat-file", "--batch-check=%(objectname)", stdin=lines).text.splitlines()
        pairs = zip(answers, trees, strict=True)
        return tuple(sorted(f"{path}/{name}" for answer, (_, path) in pairs if is_commit_id(answer)))

    def changed(self, old: str, new: str, folder: str = "") -> tuple[str, ...]:
        """The paths under a folder that differ between two commits."""
        asked = ("diff-tree", "-r", "-z", "--name-only", "--no-renames", revision(old), revision(new), "--")
        names = self.git.run(*asked, *([checked_path(folder)] if folder else [])).text
        return tuple(name for name in names.split("\0") if name)

    def containing(self, commit: str, text: str, folder: str) -> tuple[str, ...]:
        """The paths of the files under a folder of a commit that hold this text."""
        asked = ("grep", "-l", "-z", "--text", "--fixed-strings", "-e", text, revision(commit), "--")
        found = self.git.run(*asked, checked_path(folder), accept=(0, 1)).text
        return tuple(sorted(path.split(":", 1)[1] for path in found.split("\0") if path))

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` contains `old`."""
        return self.git.run("merge-base", "--is-ancestor", revision(old), revision(new), accept=(0, 1)).status == 0

    def history(
        self, tip: str, *, since: str | None = None, path: str | None = None, says: str = "", limit: int = 0
    ) -> list[Commit]:
        """Commits reachable from `tip` and not from `since`, newest first, with the paths they touched."""
        command = ["log", "-z", "--name-only", "--no-renames", "--diff-merges=off", f"--format={LOG_FORMAT}"]
        if says:
            command += ["--fixed-strings", f"--grep={says}"]
        if limit:
            command.append(f"--max-count={limit}")
        command.append(f"{revision(since)}..{revision(tip)}" if since else revision(tip))
        where = ["--", checked_path(path)] if path else ["--"]
        return list(read_log(self.git.run(*command, *where).output))

    def diff(self, old: str, new: str, path: str = "") -> str:
        """The change between two commits as a patch."""
        where = ["--", checked_path(path)] if path else ["--"]
        plain = ("--no-ext-diff", "--no-textconv", "--no-color", "--no-renames")
        return self.git.run("diff", *plain, revision(old), revision(new), *where).text

    def stand(self, ref: str) -> tuple[str | None, str]:
        """Where a ref stands, and the work tree that has it checked out."""
        listed = self.git.run("for-each-ref", "--format=%(refname)%09%(objectname)%09%(worktreepath)", ref).text
        for line in listed.splitlines():
            name, commit, held_by = line.split("\t")
            if name == ref:
                return commit, held_by
        return None, ""

    def resolve(self, text: str) -> str:
        """The commit that a person means by a name, a short id or an expression. Raises UsageError."""
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{text}^{{commit}}")
        answer = self.git.run(*asked, accept=(0, 1, 128))
        if answer.status:
            raise UsageError(f"{text!r} is no commit here", hint="git log")
        return answer.text.splitlines()[-1]


def revision(commit: str) -> str:
    """A commit id that can be nothing else. Raises GitError for any other text."""
    if not is_commit_id(commit):
        raise GitError(f"{commit[:80]!r} is no commit id")
    return commit
