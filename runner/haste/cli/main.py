"""`haste-run`: the table of commands, and the one place where errors become one line and an exit code."""

import difflib
import errno
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn

import click

from haste.cli.plain import clean
from haste.cli.stopping import exit_code, stop_when_told
from haste.errors import HasteError, UsageError

SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "Solve": {
        "demo": ("haste.cli.demo:demo", "Solve five small competitions of real data, cold and again warm."),
        "solve": ("haste.cli.solve:solve", "Solve a competition."),
        "resume": ("haste.cli.solve:resume", "Go on with a run that stopped."),
        "campaign": ("haste.cli.campaign:campaign", "Solve many competitions in rounds, learning in between."),
        "competition": ("haste.cli.competition:competition", "Look at a competition, describe it, grade for it."),
    },
    "Look": {
        "watch": ("haste.cli.watch:watch", "Follow runs and campaigns, also those of other processes."),
        "runs": ("haste.cli.runs:runs", "What runs did, decided and cost."),
        "events": ("haste.cli.events:events", "Show, follow and verify event streams."),
        "replay": ("haste.cli.replay:replay", "Rebuild a run from its log and compare."),
        "eval": ("haste.cli.evaluate:evaluate", "Measure how well learnings are judged."),
    },
    "Skills": {
        "skills": ("haste.cli.skills:skills", "List, show, lint, search and export skills."),
        "review": ("haste.cli.review:review", "Decide about promotions."),
        "rollback": ("haste.cli.rollback:rollback", "Take a promotion back."),
        "sync": ("haste.cli.review:sync", "Bring in what was decided elsewhere."),
    },
    "Set up": {
        "init": ("haste.cli.init:init", "Make a workspace."),
        "doctor": ("haste.cli.doctor:doctor", "Say what this machine can do, what it lacks, and what that costs."),
    },
}
"""Every command: where it is, and what it says in the list. Nothing is imported before it is called."""

COMMANDS = {name: entry for section in SECTIONS.values() for name, entry in section.items()}

_ENVIRONMENT_ERRORS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM}
    | {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST}
)


class LazyGroup(click.Group):
    """A group that imports a command when it is called, not when it is listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was typed, or the ones that look like it."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            close = difflib.get_close_matches(args[0], COMMANDS, n=2)
            hint = f"did you mean {' or '.join(close)}?" if close else "haste-run --help lists the commands"
            raise UsageError(f"there is no command {args[0]!r}", hint=hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The table, section by section, without importing anything."""
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, text) for name, (_, text) in commands.items()])


@click.group(
    cls=LazyGroup,
    epilog="Example: haste-run demo",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(package_name="haste-runner", prog_name="haste-run")
@click.option(
    "--workspace", "-C", metavar="DIR", envvar="HASTE_WORKSPACE",
    help="The workspace; by default the folder with a haste.toml, here or above.",
)  # fmt: skip
def cli(workspace: str | None) -> None:
    """Solve machine-learning competitions, and remember what worked."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run `haste-run` and exit with 0, 1, 2, 130 or, after SIGTERM, 143."""
    stop_when_told()
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run `haste-run`; returns its exit code."""
    return telling(lambda: cli.main(arguments, prog_name="haste-run", standalone_mode=False))


def telling(action: Callable[[], object]) -> int:
    """Do something for a person: an error that can be mended becomes one line on stderr; returns the exit code."""
    try:
        result = action()
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort) as stop:
        return _tell("stopped", "", exit_code(stop.__cause__ if isinstance(stop, click.Abort) else stop))
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except HasteError as error:
        return _tell(error.message, error.hint, error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except OSError as error:
        if error.errno not in _ENVIRONMENT_ERRORS:
            raise
        return _tell(_of_system(error), _mend(error), 2)
    return result if isinstance(result, int) else 0


def _tell(message: str, hint: str, code: int) -> int:
    click.echo(f"haste-run: {clean(message)}", err=True)
    if hint:
        click.echo(f"  {clean(hint)}", err=True)
    return code


def _of_system(error: OSError) -> str:
    where = f": {error.filename}" if error.filename else ""
    return f"{(error.strerror or str(error)).lower()}{where}"


def _mend(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "free some space, then go on where it stopped: haste-run resume last"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return "the workspace must be writable by you; choose another with --workspace DIR"
    return ""


if __name__ == "__main__":
    main()
