"""Commits made by plumbing, as the user whose repository it is, signed where the user signs."""

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from uuid import uuid4

from haste.adapters.git_text import Runs, commit_stream
from haste.core.commits import one_line
from haste.errors import GitError

_FALLBACK = "HASTE <haste@localhost>"


class Committer:
    """Makes commits and moves refs in one repository, without index or work tree."""

    def __init__(self, git: Runs) -> None:
        self.git = git

    def commit(
        self, ref: str, files: Mapping[str, bytes | None], message: str, *, parent: str | None, tip: str | None
    ) -> str | None:
        """A commit on `ref`; None where the ref moved meanwhile. A signed one is made anew from its tree."""
        target = f"refs/haste/unsigned/{uuid4().hex}" if self._signs else ref
        stream = commit_stream(target, files, message, people=self.people, parent=parent)
        answer = self.git.run(
            "fast-import", "--quiet", "--done", "--date-format=now", stdin=stream, accept=(0, 1, 128)
        )
        if answer.status:
            if "new tip" in answer.error or "lock" in answer.error:
                return None
            raise GitError(f"git fast-import failed: {answer.error[-300:]}")
        commit = answer.text.splitlines()[-1]
        if not self._signs:
            return commit
        self.git.run("update-ref", "-d", target)
        tree = self.git.run("rev-parse", f"{commit}^{{tree}}").text
        signed = self.commit_tree(tree, message, parents=(parent,) if parent else ())
        return signed if self.set_ref(ref, signed, tip) else None

    def commit_tree(self, tree: str, message: str, *, parents: Sequence[str]) -> str:
        """A commit of a tree that stands on no ref yet."""
        parts = [part for parent in parents for part in ("-p", parent)]
        names: dict[str, str] = {}
        for role, person in zip(("AUTHOR", "COMMITTER"), self.people, strict=True):
            name, _, mail = person.rpartition(" <")
            names |= {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": mail.rstrip(">")}
        signed = ["-S"] if self._signs else []
        command = ("commit-tree", *signed, *parts, tree)
        try:
            return self.git.run(*command, stdin=message.encode(), environment=names).text
        except GitError as error:
            if not self._signs:
                raise
            hint = "nothing is lost: give git its key, or git config commit.gpgsign false, then do it again"
            raise GitError(f"this repository's commits are signed, and {error.message}", hint=hint) from error

    def set_ref(self, ref: str, new: str, old: str | None) -> bool:
        """Move a ref that still stands at `old`; False where it doesn't."""
        answer = self.git.run("update-ref", "-m", "haste", ref, new, old or "0" * len(new), accept=(0, 128))
        if answer.status and "but expected" not in answer.error and "lock" not in answer.error:
            raise GitError(f"git update-ref failed: {answer.error[-300:]}")
        return answer.status == 0

    @cached_property
    def _config(self) -> dict[str, str]:
        wanted = r"^(user\.(name|email)|author\.(name|email)|committer\.(name|email)|commit\.gpgsign)$"
        listed = self.git.run("config", "-z", "--get-regexp", wanted, accept=(0, 1)).output
        pairs = (entry.split("\n", 1) for entry in listed.decode("utf-8", "replace").split("\0") if "\n" in entry)
        return dict(pairs)

    @property
    def _signs(self) -> bool:
        return self._config.get("commit.gpgsign", "").lower() in ("true", "yes", "on", "1")

    @cached_property
    def people(self) -> tuple[str, str]:
        """Author and committer: the user's identity, or HASTE's own where there is none."""
        return self._person("author"), self._person("committer")

    def _person(self, role: str) -> str:
        config = self._config
        found = [
            os.environ.get(f"GIT_{role.upper()}_{part.upper()}")
            or config.get(f"{role}.{part}")
            or config.get(f"user.{part}", "")
            for part in ("name", "email")
        ]
        name, mail = ("".join(c for c in one_line(text) if c not in "<>") for text in found)
        return f"{name} <{mail}>" if name and mail else _FALLBACK
