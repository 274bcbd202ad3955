"""Whole runs with the scripted Claude, nothing fitted: resumed, replayed, counted."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from claude.support import shipped_skills
from haste.adapters.fakes import FixedClock, MemoryLog
from haste.adapters.messages_server.bad_days import BAD_DAYS
from haste.adapters.messages_server.dry import DrySandbox
from haste.adapters.messages_server.in_memory import InMemoryMessages
from haste.adapters.messages_server.scripted import ScriptedClaude
from haste.adapters.messages_server.wire import Answerer, Fault, Reply, Request
from haste.adapters.recorded_messages import RecordedMessages, UnwrittenLog
from haste.adapters.rehearsal import NoSkills, RehearsalFiles, RehearsalPorts, rehearsal_competition
from haste.core.events import (
    BudgetExhausted,
    LearningRecorded,
    ModelAnswered,
    ModelAsked,
    ModelRefused,
    RunStarted,
    SolutionProposed,
)
from haste.core.run import RunState
from haste.core.skill import Skill
from haste.engineers.claude.engineer import ClaudeEngineer
from haste.engineers.claude.replaying import compare_proposals
from haste.loop import resume, run_to_end
from haste.ports import Messages
from haste.settings import Settings
from haste.stages.context import context

RUN = "rehearsal/one"


class Shelf(NoSkills):
    """The starter inventory."""

    def load(self, commit: str | None = None, *, within: Sequence[str] = ()) -> tuple[Skill, ...]:
        return tuple(one.skill for one in shipped_skills())


def ports(root: Path, messages: Messages, settings: Settings, log: MemoryLog | None = None) -> RehearsalPorts:
    clock = FixedClock()
    log = log or MemoryLog(clock)
    return RehearsalPorts(
        clock=clock,
        log=log,
        engineer=ClaudeEngineer(messages, log, settings),
        files=RehearsalFiles(root),
        sandbox=DrySandbox(),
        skills=Shelf(),
    )


def begun(root: Path, messages: Messages, **settings: object) -> RehearsalPorts:
    values = Settings.model_validate({"time_limit": 100_000.0, "jobs": 1, **settings})
    at = ports(root, messages, values)
    started = RunStarted(
        competition=rehearsal_competition(), settings=values, engineer=at.engineer.name, arm="tiered",
        commit="c0ffee", environment=dict(at.environment), data={},
    )  # fmt: skip
    at.log.append(RUN, started, expected=0)
    return at


def test_a_run_from_drafts_to_learnings(tmp_path: Path) -> None:
    messages = InMemoryMessages(ScriptedClaude())
    at = begun(tmp_path, messages, iterations=8, runner_up_iterations=3)
    state = run_to_end(RUN, at)
    assert state.done
    moves = [c.solution.change.move for c in state.candidates.values()]
    assert moves[:3] == ["tabular-linear", "tabular-boosting", "tabular-forest"]
    assert any(c.solution.mends for c in state.candidates.values())
    assert {c.escalation for c in state.candidates.values()} >= {0, 1}
    assert 1 <= len(state.learnings) <= 5
    assert state.usd > 0
    asked = [r.event for r in at.log.read(RUN) if isinstance(r.event, ModelAsked)]
    assert {one.purpose for one in asked} == {"draft", "improve", "debug", "distil"}
    unusable = [r.event for r in at.log.read(RUN) if isinstance(r.event, ModelRefused)]
    assert any("stands nowhere" in one.message for one in unusable)


def test_every_question_and_answer_is_kept_whole(tmp_path: Path) -> None:
    messages = InMemoryMessages(ScriptedClaude())
    at = begun(tmp_path, messages, iterations=2, runner_up_iterations=0)
    run_to_end(RUN, at)
    recorded = RecordedMessages(at.log, RUN)
    assert len(recorded.exchanges) == len(messages.questions)
    for exchange, question in zip(recorded.exchanges, messages.questions, strict=True):
        kept = type(question).model_validate_json(at.log.get(RUN, exchange.asked.request))
        assert kept == question
        assert exchange.outcome is not None


def flaky(every: int) -> Answerer:
    """The scripted Claude on a bad day: each n-th question fails in another way."""
    claude, days = ScriptedClaude(), [BAD_DAYS[n] for n in ("overloaded", "cut stream", "max_tokens", "refusal")]
    count = 0

    def answer(request: Request) -> Reply | Fault:
        nonlocal count
        count += 1
        return days[count // every % len(days)] if count % every == 0 else claude(request)

    return answer


def replay(at: RehearsalPorts, settings: Settings, upto: int | None = None) -> list[str]:
    recorded = RecordedMessages(at.log, RUN)
    engineer = ClaudeEngineer(recorded, UnwrittenLog(at.log), settings)
    stream = at.log.read(RUN)[:upto]
    return compare_proposals(stream, engineer, lambda state: context(state, at), recorded.skip_to)


@pytest.mark.parametrize("every", [0, 3])
def test_a_replay_decides_the_same(tmp_path: Path, every: int) -> None:
    answer = flaky(every) if every else ScriptedClaude()
    at = begun(tmp_path, InMemoryMessages(answer), iterations=6, runner_up_iterations=2)
    assert run_to_end(RUN, at).done
    assert replay(at, Settings()) == []


def test_a_replay_by_other_code_names_the_first_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = begun(tmp_path, InMemoryMessages(ScriptedClaude()), iterations=3, runner_up_iterations=0)
    run_to_end(RUN, at)
    from haste.engineers.claude import composing

    monkeypatch.setattr(composing, "CUES", ("ambitious", "moderate", "simple"))
    differences = replay(at, Settings())
    first = next(r.envelope.position for r in at.log.read(RUN) if isinstance(r.event, ModelAsked))
    assert len(differences) == 1
    assert differences[0].startswith(f"position {first}: ModelAsked.request is ")


class Killed(Exception):  # noqa: N818  (what happens, not what went wrong)
    """The process dies."""


@pytest.mark.parametrize("every", [7])
def test_killed_anywhere_a_run_ends_and_its_replay_agrees(tmp_path: Path, every: int) -> None:
    settings = {"iterations": 3, "runner_up_iterations": 1, "prototypes": 2}
    at = begun(tmp_path, InMemoryMessages(ScriptedClaude()), **settings)
    kills = 0

    def kill(state: RunState, _: object) -> None:
        if state.position % every == 0:
            raise Killed

    while kills < 40:
        log = at.log
        assert isinstance(log, MemoryLog)
        again = ports(tmp_path, InMemoryMessages(ScriptedClaude()), at.engineer._settings, log)  # type: ignore[attr-defined]
        try:
            state = resume(RUN, again, {}, kill)
            break
        except Killed:
            kills += 1
    assert kills > 5
    assert state.done
    assert replay(at, Settings()) == []
    answered = [r.event for r in at.log.read(RUN) if isinstance(r.event, ModelAnswered)]
    proposals = len(state.candidates) + 1
    assert len(answered) == proposals


ASKING = (ModelAsked, ModelAnswered, ModelRefused, SolutionProposed, LearningRecorded, BudgetExhausted)


def test_killed_once_around_any_question_a_run_ends_and_its_replay_agrees(tmp_path: Path) -> None:
    settings = {"iterations": 2, "runner_up_iterations": 0, "prototypes": 1, "folds": 2}
    whole = begun(tmp_path / "whole", InMemoryMessages(ScriptedClaude()), **settings)
    run_to_end(RUN, whole)
    stream = whole.log.read(RUN)
    positions = [r.envelope.position + 1 for r in stream if isinstance(r.event, ASKING)]
    started = stream[0].event
    assert isinstance(started, RunStarted)
    for position in positions:
        folder = tmp_path / str(position)
        at = begun(folder, InMemoryMessages(ScriptedClaude()), **settings)

        def kill(state: RunState, _: object, there: int = position) -> None:
            if state.position == there:
                raise Killed

        with pytest.raises(Killed):
            run_to_end(RUN, at, kill)
        log = at.log
        assert isinstance(log, MemoryLog)
        again = ports(folder, InMemoryMessages(ScriptedClaude()), started.settings, log)
        assert resume(RUN, again, {}).done
        assert replay(at, Settings()) == []
    assert len(positions) > 12


def test_twenty_iterations_read_their_prefix_from_the_cache(tmp_path: Path) -> None:
    messages = InMemoryMessages(ScriptedClaude(clumsy=False))
    at = begun(tmp_path, messages, iterations=20, runner_up_iterations=0, stagnation=50)
    state = run_to_end(RUN, at)
    assert sum(c.track is not None and not c.solution.mends for c in state.candidates.values()) == 20
    improving = [u for q, u in zip(messages.questions, messages.usages, strict=True) if _asks_for_a_change(q)]
    assert len(improving) >= 20
    assert all(u.cache_read_input_tokens > 0 for u in improving[1:])
    assert sum(u.cache_read_input_tokens for u in improving) > 10 * sum(
        u.cache_creation_input_tokens for u in improving
    )


def _asks_for_a_change(question: object) -> bool:
    return "# Task: one change" in str(question)


def test_edits_cost_a_fraction_of_whole_scripts(tmp_path: Path) -> None:
    def tokens(*, whole: bool) -> int:
        messages = InMemoryMessages(ScriptedClaude(clumsy=False, whole=whole))
        at = begun(tmp_path / str(whole), messages, iterations=10, runner_up_iterations=0, stagnation=50)
        run_to_end(RUN, at)
        changes = [u for q, u in zip(messages.questions, messages.usages, strict=True) if _asks_for_a_change(q)]
        return sum(u.output_tokens for u in changes)

    assert tokens(whole=False) < 0.4 * tokens(whole=True)
