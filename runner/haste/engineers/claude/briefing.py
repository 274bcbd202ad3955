"""What the prompts are told of a run: plain values made of the state, nothing that changes by itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from haste.core.condition import Traits
from haste.core.run import RunState
from haste.core.skill import Evidence, LoadedSkill
from haste.core.solution import FailureKind
from haste.core.statistics import mean, standard_error
from haste.engineers.claude.history import history_lines
from haste.engineers.claude.plain import one_line

DETAIL_FULL, DETAIL_BRIEF, DETAIL_LEAST = 0, 1, 2
"""How much a prompt shows; less where the full one is too long for the model."""

_BODY = (6_000, 1_500, 400)

FAILURES = {
    FailureKind.CRASHED: "the script raised an error or ended with an exit code other than 0",
    FailureKind.TIMED_OUT: "the script took longer than it may; it must do less, or do it faster",
    FailureKind.OUT_OF_MEMORY: "the script used more memory than it may",
    FailureKind.TOO_MANY_PROCESSES: "the script started more processes than it may",
    FailureKind.TOO_LARGE: "the script wrote more than it may",
    FailureKind.NO_SUBMISSION: "the script ended without writing submission.csv",
    FailureKind.WRONG_COLUMNS: "submission.csv has other columns than the sample submission",
    FailureKind.WRONG_ROWS: "submission.csv does not have each id of the test table exactly once",
    FailureKind.NOT_FINITE: "submission.csv has missing or infinite predictions",
    FailureKind.OUT_OF_RANGE: "submission.csv has predictions that the metric does not allow",
    FailureKind.CONSTANT: "all predictions are the same",
    FailureKind.COPIED_SAMPLE: "the predictions are those of the sample submission",
    FailureKind.SANDBOX_BROKE: "the sandbox broke while the script ran; the script may not be at fault",
}


def environment_facts(state: RunState) -> dict[str, Any]:
    """The machine and the packages, as the run's log has them, and the limits that stay the same."""
    facts = state.environment
    packages = [
        f"{name.removeprefix('package ')} {facts[name]}" for name in sorted(facts) if name.startswith("package ")
    ]
    cores = int(facts.get("cores", "1"))
    memory = int(facts.get("memory_bytes", 4 * 2**30))
    jobs = max(1, state.settings.jobs)
    each = int(state.settings.memory_gib * 2**30) or int(0.7 * memory / jobs)
    return {
        "cores": cores,
        "memory": _gib(memory),
        "gpu": one_line(facts.get("gpu", ""), 80),
        "seconds_each": f"{_seconds_each(state):.0f}",
        "memory_each": _gib(each),
        "views_at_once": jobs,
        "threads": max(1, cores // jobs),
        "python": facts.get("python", "3"),
        "packages": ", ".join(packages) or "numpy, pandas, scikit-learn, scipy, lightgbm",
    }


def skill_facts(skills: Sequence[LoadedSkill], traits: Traits, detail: int) -> list[dict[str, str]]:
    """Name, scope, text, evidence and conditions of each skill; conditions say whether they hold here."""
    return [
        {
            "name": one.skill.name,
            "scope": one.skill.scope.value,
            "owner": one.skill.owner,
            "description": one_line(one.skill.description, 300),
            "body": cut(one.skill.body, _BODY[detail]),
            "evidence": evidence_line(one.evidence),
            "conditions": _conditions(one, traits),
            "recipe": _recipe(one),
        }
        for one in skills
    ]


def evidence_line(evidence: Evidence) -> str:
    """What the event logs say about a skill, in a few words."""
    if not evidence.kept and not evidence.reverted:
        return "none yet" if not evidence.loaded else f"loaded by {evidence.loaded} runs, used by none"
    error = f" ± {100 * evidence.error:.1f}" if evidence.error is not None else ""
    where = f" in {one_line(', '.join(evidence.competitions), 120)}" if evidence.competitions else ""
    gain = f"mean gain {100 * evidence.gain:+.1f}{error} % of the remaining error"
    return f"kept {evidence.kept} times, reverted {evidence.reverted} times, {gain}{where}"


def solution_facts(state: RunState, solution: str, code: str) -> dict[str, Any]:
    """A solution with its script, its scores fold by fold, and the end of its last output."""
    candidate = state.candidates[solution]
    scores = candidate.scores
    error = standard_error(list(scores.values()))
    output = next(reversed(candidate.outputs.values()), "")
    middle = f"Mean {mean(list(scores.values())):.6g}" + (f" ± {error:.2g}." if error is not None else ".")
    change = candidate.solution.change
    return {
        "id": solution,
        "summary_line": f"{solution}: {one_line(change.summary, 300)}",
        "scores": ", ".join(f"{fold}: {score:.6g}" for fold, score in scores.items()),
        "mean": middle if scores else "",
        "seconds": f"{candidate.mean_seconds:.1f}",
        "memory": _gib(candidate.memory_bytes),
        "output": output[-600:],
        "code": code,
    }


def failure_facts(state: RunState, solution: str) -> dict[str, str]:
    """How a solution failed, and what that kind of failure means."""
    failure = state.candidates[solution].failure
    assert failure is not None
    done = len(state.candidates[solution].predictions)
    return {
        "kind": failure.kind.value,
        "meaning": FAILURES[failure.kind],
        "message": one_line(failure.message, 1_000),
        "output": failure.output[-4_000:],
        "after": f"after {done} views that went well" if done else "on its first view",
    }


def failed_mends(state: RunState, solution: str) -> list[str]:
    """The mends before this one, from the first failure on: what each did and how it failed all the same."""
    chain: list[str] = []
    at: str | None = solution
    while at is not None and at in state.candidates:
        chain.append(at)
        at = state.candidates[at].solution.mends
    lines = []
    for one in reversed(chain):
        candidate = state.candidates[one]
        failure = candidate.failure
        if candidate.solution.mends is not None or len(chain) > 1:
            how = f"{failure.kind.value}: {one_line(failure.message, 300)}" if failure else "ran"
            lines.append(f"{one} {candidate.solution.change.move}: {candidate.solution.change.summary} → {how}")
    return lines


def budget_facts(state: RunState, usd_left: float, tokens_left: int | None) -> dict[str, str]:
    """Time and money left, rounded, and what a script may take now."""
    settings = state.settings
    money = f"${usd_left:.2f} of ${settings.max_usd:.2f} for questions are left"
    if tokens_left is not None:
        money += f", and {tokens_left} of {settings.max_tokens} output tokens"
    margin = max(1.0, 0.03 * settings.time_limit)
    return {
        "time_left": _time(state.time_left),
        "time_limit": _time(settings.time_limit),
        "money_left": money,
        "seconds_now": f"{max(1.0, min(_seconds_each(state), state.time_left - margin)):.0f}",
    }


def history_text(state: RunState) -> str:
    """The history as it stands in a prompt."""
    return "\n".join(history_lines(state))


def traits_text(traits: Mapping[str, object]) -> str:
    """The traits that conditions may speak of, with their values."""
    return ", ".join(f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}" for k, v in sorted(traits.items()))


def _seconds_each(state: RunState) -> float:
    return state.settings.evaluation_seconds or max(30.0, 0.25 * state.settings.time_limit)


def _conditions(loaded: LoadedSkill, traits: Traits) -> str:
    said = [f"{c} ({'so here' if c.holds(traits) else 'not so here'})" for c in loaded.skill.conditions]
    return one_line("; ".join(said), 400)


def _recipe(loaded: LoadedSkill) -> str:
    recipe = loaded.skill.recipe
    return "" if recipe is None else one_line(f"{recipe.move} {recipe.effect}", 80)


def cut(text: str, limit: int) -> str:
    """A text of at most about `limit` characters, with a word on what was left out."""
    return text if len(text) <= limit else text[:limit].rstrip() + f"\n… ({len(text) - limit} more characters)"


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"


def _time(seconds: float) -> str:
    seconds = max(0.0, seconds)
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} min"
