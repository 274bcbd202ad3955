"""What questions to Claude cost in tokens, measured on whole runs in which nothing is fitted.

    python benchmarks/claude_prompts.py [--iterations 20]

The loopback server's scripted Claude answers, its prompt cache counts (four bytes a token), and scripts are scored
by what stands in them. Prices are those of the shipped table.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from haste.adapters.fakes import FixedClock, MemoryLog
from haste.adapters.messages_server.counting import tokens_of
from haste.adapters.messages_server.dry import DrySandbox
from haste.adapters.messages_server.in_memory import InMemoryMessages
from haste.adapters.messages_server.scripted import ScriptedClaude
from haste.adapters.rehearsal import NoSkills, RehearsalFiles, RehearsalPorts, rehearsal_competition
from haste.adapters.skill_files import parse_skill
from haste.core.events import RunStarted, Usage
from haste.core.messages import Question
from haste.core.run import RunState
from haste.core.scope import Arm, Scope
from haste.core.skill import Skill
from haste.engineers.claude.engineer import ClaudeEngineer
from haste.engineers.claude.history import history_lines
from haste.engineers.claude.ledger import find_model
from haste.loop import run_to_end
from haste.settings import Settings

RUN = "rehearsal/one"
TREE = Path(__file__).parents[1] / "skills"
SONNET = find_model("claude-sonnet-4-6", {})


class Shelf(NoSkills):
    """A fixed inventory."""

    def __init__(self, skills: Sequence[Skill]) -> None:
        self._skills = tuple(skills)

    def load(self, commit: str | None = None, *, within: Sequence[str] = ()) -> tuple[Skill, ...]:  # noqa: ARG002
        return tuple(s for s in self._skills if not within or any(s.path.startswith(f) for f in within))


def shipped() -> list[Skill]:
    """The starter inventory."""
    paths = sorted(TREE.glob("**/SKILL.md"))
    return [parse_skill(p.parent.relative_to(TREE.parent).as_posix(), p.read_text("utf-8")) for p in paths]


def grown(size: int) -> list[Skill]:
    """The starter inventory repeated under other names up to a size, each copy in the scope of its original."""
    first = shipped()
    copies = [s.model_copy(update={"name": f"{s.name}-{n}"}) for n in range(2, size) for s in first]
    return [*first, *copies][:size]


def played(
    skills: Sequence[Skill], *, iterations: int, arm: Arm = "tiered", whole: bool = False, clumsy: bool = False
) -> tuple[InMemoryMessages, RunState]:
    """A whole run: its questions, what each used, and its last state."""
    messages = InMemoryMessages(ScriptedClaude(clumsy=clumsy, whole=whole), shortest_prefix=SONNET.cache_from)
    settings = Settings(
        time_limit=100_000.0, jobs=1, iterations=iterations, runner_up_iterations=0, stagnation=1_000, arm=arm,
        max_usd=1_000.0,
    )  # fmt: skip
    clock = FixedClock()
    log = MemoryLog(clock)
    with tempfile.TemporaryDirectory() as folder:
        engineer = ClaudeEngineer(messages, log, settings)
        at = RehearsalPorts(clock, log, engineer, RehearsalFiles(Path(folder)), DrySandbox(), Shelf(skills))
        started = RunStarted(
            competition=rehearsal_competition(), settings=settings, engineer=engineer.name, arm=arm,
            commit="c0ffee", environment=dict(at.environment), data={},
        )  # fmt: skip
        log.append(RUN, started, expected=0)
        return messages, run_to_end(RUN, at)


def kind_of(question: Question) -> str:
    """Which question it is, by the log's names."""
    text = question.turns[0].blocks[-1].text
    marks = {"prototype ": "draft", "one change": "improve", "a mend": "debug", "learnings": "distil"}
    return next(name for mark, name in marks.items() if f"# Task: {mark}" in text)


def prefix_of(question: Question) -> int:
    """Tokens before the last cache break-point."""
    blocks = [*question.system, *question.turns[0].blocks]
    last = max(i for i, b in enumerate(blocks) if b.cached)
    return sum(tokens_of(b.text) for b in blocks[: last + 1])


def length_of(question: Question) -> int:
    """Tokens of a whole question."""
    return sum(tokens_of(b.text) for b in [*question.system, *(b for t in question.turns for b in t.blocks)])


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table."""
    print(f"\n{title}")
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, *rows]:
        print("  " + "  ".join(str(cell).rjust(w) if i else str(cell).ljust(w) for i, (cell, w) in
                               enumerate(zip(row, widths, strict=True))))  # fmt: skip


def cache(iterations: int) -> None:
    """Prefixes, and what of a run's input comes from the cache."""
    messages, state = played(shipped(), iterations=iterations)
    rows, total = [], Usage()
    for kind in ("draft", "improve", "debug", "distil"):
        pairs = [(q, u) for q, u in zip(messages.questions, messages.usages, strict=True) if kind_of(q) == kind]
        if not pairs:
            continue
        used = [u for _, u in pairs]
        read, written = (sum(getattr(u, f"cache_{w}_input_tokens") for u in used) for w in ("read", "creation"))
        plain, out = sum(u.input_tokens for u in used), sum(u.output_tokens for u in used)
        rows.append([kind, len(pairs), prefix_of(pairs[-1][0]), length_of(pairs[-1][0]), read, written, plain, out])
        total = Usage(
            input_tokens=total.input_tokens + plain,
            cache_read_input_tokens=total.cache_read_input_tokens + read,
            cache_creation_input_tokens=total.cache_creation_input_tokens + written,
            output_tokens=total.output_tokens + out,
        )
    head = ("question", "asked", "prefix", "whole", "read", "written", "uncached", "output")
    table(f"A run of {iterations} iterations with the {len(shipped())} shipped skills, in tokens", head, rows)
    everything = total.input_tokens + total.cache_read_input_tokens + total.cache_creation_input_tokens
    without = SONNET.cost(Usage(input_tokens=everything, output_tokens=total.output_tokens))
    print(f"  {total.cache_read_input_tokens / everything:.0%} of the input is read from the cache; "
          f"${SONNET.cost(total):.3f} instead of ${without:.3f} without one")  # fmt: skip
    print(f"  history at the end: {len(history_lines(state))} lines")


def histories() -> None:
    """The history's length as a run goes on."""
    rows = []
    for iterations in (5, 20, 50, 100):
        _, state = played([], iterations=iterations)
        lines = history_lines(state)
        rows.append([iterations, len(state.candidates), len(lines), sum(map(len, lines))])
    table("History", ("iterations", "solutions", "lines", "characters"), rows)


def arms() -> None:
    """Prompt lengths of the arms with a small and a large inventory."""
    rows = []
    for size in (len(shipped()), 159):
        skills = grown(size)
        counts = {scope: sum(s.scope is scope for s in skills) for scope in Scope}
        for arm in ("none", "tiered", "flat"):
            messages, _ = played(skills, iterations=1, arm=arm)
            lengths = {kind_of(q): length_of(q) for q in messages.questions}
            rows.append([f"{size} skills, {arm}", lengths["draft"], lengths["improve"], lengths["distil"]])
        print(f"  {size} skills: {counts[Scope.GLOBAL]} global, {counts[Scope.DOMAIN]} of domains")
    table("Length of a question by arm, in tokens", ("inventory and arm", "draft", "improve", "distil"), rows)


def edits(iterations: int) -> None:
    """Output tokens of changes as edits and as whole scripts, over the same scripted run."""
    rows: list[tuple[str, int, int, int, str | None]] = []
    for name, whole in (("edits", False), ("whole scripts", True)):
        messages, state = played(shipped(), iterations=iterations, whole=whole)
        pairs = zip(messages.questions, messages.usages, strict=True)
        output = [u.output_tokens for q, u in pairs if kind_of(q) == "improve"]
        rows.append((name, len(output), sum(output), round(sum(output) / len(output)), state.best))
    table("Changes as edits and as whole scripts", ("form", "changes", "output", "each", "best"), rows)
    print(f"  edits take {rows[0][2] / rows[1][2]:.0%} of the output tokens")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iterations", type=int, default=20)
    given = parser.parse_args()
    cache(given.iterations)
    histories()
    arms()
    edits(given.iterations)


if __name__ == "__main__":
    main()
