"""What the documents say can be typed and followed: commands and options exist, links lead somewhere."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from haste.cli.main import cli

ROOT = Path(__file__).parents[2]


def documents() -> list[Path]:
    """Every Markdown page of the project but skills, which are data, and golden files."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    kept = (name for name in listed.stdout.splitlines() if not name.endswith("SKILL.md") and "/golden/" not in name)
    return [ROOT / name for name in kept if not name.startswith("tests/") and "/prompts/" not in name]


def commands(text: str) -> Iterator[list[str]]:
    """The words of each `haste-run …` that a page names: a line of a block, or quoted in a sentence."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if "haste-run " in line]
    quoted = re.findall(r"`(haste-run [^`]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    for line in [*lines, *(" ".join(one.split()) for one in quoted)]:
        for part in re.split(r"&&|;|\n", line.partition("  #")[0]):
            if "haste-run " in part:
                yield shlex.split(part.partition("haste-run ")[2], comments=True)


def strangers(words: list[str]) -> list[str]:
    """What of these words is neither a command nor one of its options."""
    command: click.Command = cli
    context = click.Context(cli)
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(context, rest[0])
        if found is None:
            # `review list | show`: choices, and `…`, stand for what the page before has named.
            return [] if rest[0] in ("|", "…", "COMMAND") else [rest[0]]
        command = found
        rest.pop(0)
    known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)} | {"--help", "-h"}
    return [word for word in rest if word.startswith("--") and word.partition("=")[0] not in known]


@pytest.mark.parametrize("page", documents(), ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_a_page_names_exist(page: Path) -> None:
    wrong = {" ".join(words): bad for words in commands(page.read_text("utf-8")) if (bad := strangers(words))}
    assert not wrong


@pytest.mark.parametrize("page", documents(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
    inside = [target for target in targets if "://" not in target]
    assert [target for target in inside if not (page.parent / target).exists()] == []


def test_a_command_nobody_has_is_seen() -> None:
    text = (
        "```\nhaste-run runs shew last   # a slip\nhaste-run solve x --no-such 3\n```\n`haste-run runs list --json`"
    )
    assert [strangers(words) for words in commands(text)] == [["shew"], ["--no-such"], []]
