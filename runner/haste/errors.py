"""Everything that can go wrong in a way a person can mend.

    HasteError
    ├── UsageError            what was typed, or the settings, can't be used          exit 2
    │   ├── WorkspaceError    no workspace, or one that can't be written
    │   ├── SettingsError     settings have problems (all of them, at once)
    │   ├── CompetitionError  a competition folder has problems (all of them, at once)
    │   ├── SubmissionError   a submission has problems (all of them, at once)
    │   └── SkillError        a skill has problems (all of them, at once)
    ├── LogError              an event stream is broken, and where                    exit 1
    │   └── LogConflict       somebody else appended first
    ├── GitError              git refused, and what it said                           exit 1
    │   └── BranchMoved       the branch moved under a commit: try again
    ├── ReviewError           a promotion can't be decided about, or not this way        exit 1
    ├── SandboxError          no sandbox can be had here, or it broke                 exit 1
    └── EngineerError         the engineer can't go on, and why                       exit 1

Each error carries a message that says what was wrong and where, and a hint that says what to do.
"""

from collections.abc import Sequence


class HasteError(Exception):
    """A problem a person can mend: one line, a hint, an exit code."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UsageError(HasteError):
    """What was typed, or the settings, can't be used."""

    exit_code = 2


class WorkspaceError(UsageError):
    """There is no workspace here, or it can't be written."""


class ProblemsError(UsageError):
    """Something has problems, and every one of them is listed."""

    what = "input"

    def __init__(self, where: str, problems: Sequence[str], *, hint: str = "") -> None:
        self.where = where
        self.problems = tuple(problems)
        super().__init__(f"{self.what} {where}: " + "; ".join(self.problems), hint=hint)


class SettingsError(ProblemsError):
    """Settings have problems: `haste.toml`, `HASTE_*` or flags."""

    what = "settings"


class CompetitionError(ProblemsError):
    """A competition folder has problems."""

    what = "competition"


class SubmissionError(ProblemsError):
    """A submission has problems."""

    what = "submission"


class SkillError(ProblemsError):
    """A skill has problems."""

    what = "skill"


class LogError(HasteError):
    """An event stream is broken; the message names stream, line and what is wrong there."""


class LogConflict(LogError):  # noqa: N818  (what happened, not what it is)
    """Somebody else appended to the stream first."""


class GitError(HasteError):
    """git refused; the message carries what it said."""


class BranchMoved(GitError):  # noqa: N818  (what happened, not what it is)
    """The branch moved while a commit for it was being made: the caller tries again."""


class ReviewError(HasteError):
    """A promotion can't be decided about, taken back or repeated, or not in this way."""


class SandboxError(HasteError):
    """No sandbox can be had on this machine, or the one in use broke."""


class EngineerError(HasteError):
    """The engineer can't go on."""
