"""The prompt of each question, put together from the state of a run and what its skills say."""

from collections.abc import Sequence
from typing import Any

from haste.core.events import Purpose
from haste.core.knowledge import Context
from haste.core.learning import Learning
from haste.core.run import RunState
from haste.core.scope import Scope
from haste.core.similarity import Corpus
from haste.core.skill import LoadedSkill
from haste.engineers.claude.agents import AGENTS
from haste.engineers.claude.briefing import (
    budget_facts,
    environment_facts,
    failed_mends,
    failure_facts,
    history_text,
    skill_facts,
    solution_facts,
    traits_text,
)
from haste.engineers.claude.data_sheet import competition_facts
from haste.engineers.claude.history import ablation_lines, table_lines
from haste.engineers.claude.ledger import Ledger
from haste.engineers.claude.plain import one_line
from haste.engineers.claude.prompting import Prompt, render

CUES = ("simple", "moderate", "ambitious")
"""How complex a prototype should be, in turn."""
NEAREST = 3
"""Skills that the orchestrator sees whole beside a learning."""


def domain_prompt(state: RunState, detail: int) -> Prompt:
    """Which specialist is a competition for?"""
    return render("domain", competition_facts(state, detail))


def draft_prompt(state: RunState, context: Context, ledger: Ledger, number: int, detail: int) -> Prompt:
    """A prototype unlike those before it."""
    taken = [c.solution for c in state.candidates.values() if c.track is None and c.solution.mends is None]
    values = _prefix("draft", state, context, detail) | {
        "history": history_text(state),
        "number": number + 1,
        "prototypes": state.settings.prototypes,
        "taken": one_line("; ".join(f"{s.approach or s.change.move}" for s in taken), 400),
        "cue": CUES[number % len(CUES)],
    }
    return render("draft", values | _budget(state, ledger))


def improve_prompt(
    state: RunState,
    context: Context,
    ledger: Ledger,
    *,
    parent: str,
    code: str,
    track: int,
    escalation: int,
    detail: int,
) -> Prompt:
    """One change of a solution, at an escalation level."""
    values = _prefix("improve", state, context, detail) | {
        "history": history_text(state),
        "solution": solution_facts(state, parent, code),
        "escalation": escalation,
        "misses": state.tracks[track].misses,
        "ablation": "\n".join(ablation_lines(state, parent)),
    }
    return render("improve", values | _budget(state, ledger))


def debug_prompt(
    state: RunState, context: Context, ledger: Ledger, *, solution: str, code: str, detail: int
) -> Prompt:
    """A mend of a script that failed, with the mends that failed before it."""
    values = _prefix("debug", state, context, detail) | {
        "solution": solution_facts(state, solution, code) | {"output": ""},
        "failure": failure_facts(state, solution),
        "chain": "\n".join(failed_mends(state, solution)),
    }
    return render("debug", values | _budget(state, ledger))


def distil_prompt(state: RunState, context: Context, detail: int) -> Prompt:
    """What the run found out."""
    assert state.profile is not None
    values = _prefix("distil", state, context, detail) | {
        "table": "\n".join(table_lines(state, limit=60 if detail == 0 else 20)),
        "traits": traits_text(state.profile.traits),
    }
    return render("distil", values)


def judge_prompt(
    learning: Learning, inventory: Sequence[LoadedSkill], others: Sequence[Learning], detail: int
) -> Prompt:
    """What becomes of a learning."""
    facts = skill_facts(AGENTS["judge"].reads(inventory), {}, detail)
    nearest = {one.skill.name for one in nearest_skills(learning, inventory)}
    values = {
        "inventory": facts,
        "nearest": [one for one in facts if one["name"] in nearest],
        "learning": _learning_text(learning),
        "others": "\n\n".join(_learning_text(other) for other in others[: 8 if detail == 0 else 3]),
    }
    return render("judge", values)


def nearest_skills(learning: Learning, inventory: Sequence[LoadedSkill]) -> list[LoadedSkill]:
    """The skills that speak of the same move, then those whose words are most like a learning's."""
    said = {one.skill.name: f"{one.skill.name} {one.skill.description}" for one in inventory}
    corpus = Corpus.of(list(said.values()))
    wanted = f"{learning.title} {learning.text} {learning.recipe.move}"

    def nearness(one: LoadedSkill) -> tuple[bool, float]:
        recipe = one.skill.recipe
        same = recipe is not None and recipe.move == learning.recipe.move
        return same, corpus.similarity(wanted, said[one.skill.name])

    return sorted(inventory, key=nearness, reverse=True)[:NEAREST]


def _prefix(purpose: Purpose, state: RunState, context: Context, detail: int) -> dict[str, Any]:
    """What stays the same over a run's questions: environment, skills, competition."""
    assert state.profile is not None
    agent = AGENTS[purpose]
    read = agent.reads(context.knowledge.skills)
    facts = competition_facts(state, detail) | environment_facts(state)
    facts["specialist"] = state.domain or "general"
    if agent.length == "line":
        return facts | {"skills": skill_facts(read, state.profile.traits, detail)}
    ofdomain = [one for one in read if one.skill.scope is Scope.DOMAIN]
    shared = [one for one in read if one.skill.scope is not Scope.DOMAIN]
    return facts | {
        "shared_skills": skill_facts(shared, state.profile.traits, detail),
        "domain_skills": skill_facts(ofdomain, state.profile.traits, detail),
    }


def _budget(state: RunState, ledger: Ledger) -> dict[str, str]:
    tokens = None if not ledger.max_tokens else max(0, ledger.max_tokens - ledger.spent_tokens)
    return budget_facts(state, max(0.0, ledger.max_usd - ledger.spent_usd), tokens)


def _learning_text(learning: Learning) -> str:
    recipe = learning.recipe
    error = f" ± {100 * recipe.error:.1f}" if recipe.error is not None else ""
    gain = f"{100 * recipe.gain:+.1f}{error} % of the remaining error over {recipe.trials} trials"
    conditions = "; ".join(str(c) for c in recipe.conditions) or "none stated"
    return (
        f"{one_line(learning.title, 200)}\n{learning.text[:2_000]}\n"
        f"Move: {recipe.move} ({recipe.effect}), {gain}. Conditions: {conditions}.\n"
        f"Found on {learning.competition} ({learning.domain}, {learning.metric}) by {learning.engineer}; "
        f"proposed tier: {learning.tier.value}."
    )
