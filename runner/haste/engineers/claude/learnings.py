"""Learnings with figures from the log: the model says what was found out and which solutions show it, no more."""

from collections.abc import Iterable, Sequence

from haste.core.condition import Condition, Traits
from haste.core.learning import Effect, Learning, Recipe
from haste.core.poison import orders, secrets
from haste.core.run import Candidate, RunState
from haste.core.scope import Scope
from haste.core.statistics import mean, standard_error
from haste.engineers.claude.plain import one_line, slug
from haste.engineers.claude.replies import ConditionAnswer, DistilAnswer, LearningAnswer, Unusable, read_json

MOST = 5


def read_learnings(text: str, state: RunState) -> list[LearningAnswer]:
    """The answer's learnings; Unusable where one rests on nothing, or gives orders to those who will read it."""
    answers = read_json(text, DistilAnswer).learnings[:MOST]
    problems = [] if answers else ["there is no learning in the answer; two to five are wanted"]
    for number, answer in enumerate(answers, 1):
        if not any(s in state.candidates for s in answer.solutions):
            problems.append(f"learning {number} rests on no solution of the table: name its ids in `solutions`")
        if wrong := _contradicted(answer, state):
            problems.append(f"learning {number} {wrong}")
        words = f"{answer.title}\n{answer.text}"
        problems += [f"learning {number} {why}" for why in [*orders(words), *secrets(words)][:1]]
    if problems:
        raise Unusable(*problems)
    return answers


def _contradicted(answer: LearningAnswer, state: RunState) -> str:
    """Why the figures say the opposite of an answer; '' where they don't."""
    gain, error, trials = _measured(state, _cited(answer, state))
    shown = _effect(answer.effect, gain, error, trials)
    if {shown, answer.effect} != {"helps", "hurts"}:
        return ""
    return (
        f"says that it {answer.effect}, and its solutions show a relative gain of {gain:+.3g} ± {error or 0.0:.2g}"
    )


def _cited(answer: LearningAnswer, state: RunState) -> list[Candidate]:
    return [state.candidates[s] for s in dict.fromkeys(answer.solutions) if s in state.candidates]


def learnings_of(answers: Sequence[LearningAnswer], state: RunState, engineer: str) -> list[Learning]:
    """The learnings of a run: effect, gain, error and positions come from the solutions they rest on."""
    return [_learning(number, answer, state, engineer) for number, answer in enumerate(answers, 1)]


def plain_learnings(state: RunState) -> list[LearningAnswer]:
    """What the figures alone say, where no model could be asked: the largest gains and losses, and what failed."""
    changes = [c for c in state.candidates.values() if c.relative_gain is not None]
    helped = sorted((c for c in changes if c.verdict == "kept"), key=lambda c: -(c.relative_gain or 0.0))[:2]
    hurt = sorted((c for c in changes if c.verdict == "reverted"), key=lambda c: c.relative_gain or 0.0)[:2]
    failed = [c for c in state.candidates.values() if c.failure is not None and c.track is not None][:1]
    said = (
        (helped, "helps", "{move} helped", "It was kept"),
        (hurt, "hurts", "{move} did not help", "It was reverted"),
        (failed, "hurts", "{move} could not be run", "It failed"),
    )
    return [_plainly(c, effect, title, how) for group, effect, title, how in said for c in group]  # type: ignore[arg-type]


def _plainly(candidate: Candidate, effect: Effect, title: str, how: str) -> LearningAnswer:
    change = candidate.solution.change
    why = candidate.failure.message if candidate.failure else "by the paired scores of its folds"
    return LearningAnswer(
        title=title.format(move=change.move),
        text=f"{change.summary} {how}: {one_line(why, 200)}.",
        move=change.move,
        effect=effect,
        solutions=[candidate.solution.id],
        tier="competition",
        conditions=[],
    )


def _learning(number: int, answer: LearningAnswer, state: RunState, engineer: str) -> Learning:
    assert state.competition is not None and state.profile is not None
    cited = _cited(answer, state)
    gain, error, trials = _measured(state, cited)
    return Learning(
        id=f"{state.run}#{number}",
        title=one_line(answer.title, 120),
        text=answer.text.strip()[:2_000],
        recipe=Recipe(
            move=slug(answer.move, "change"),
            effect=_effect(answer.effect, gain, error, trials),
            gain=gain,
            error=error,
            trials=max(1, trials),
            conditions=tuple(_conditions(answer.conditions, state.profile.traits)),
        ),
        tier=Scope(answer.tier),
        competition=state.competition.id,
        domain=state.domain or "general",
        metric=state.competition.metric_name,
        engineer=engineer,
        run=state.run,
        positions=tuple(sorted(p for c in cited for p in c.shown_at)),
        skills=tuple(dict.fromkeys(name for c in cited for name in c.solution.reason.skills)),
    )


def _measured(state: RunState, cited: Sequence[Candidate]) -> tuple[float, float | None, int]:
    """Mean relative gain of the cited changes, its standard error, and how many paired folds stand behind it."""
    gains: list[float] = []
    errors: list[float] = []
    trials = 0
    for candidate in cited:
        parent = candidate.solution.parent
        if candidate.relative_gain is None or parent not in state.candidates:
            continue
        paired = state.gains_over(candidate.solution.id, parent)
        scale = abs(candidate.relative_gain / candidate.gain) if candidate.gain else 0.0
        error = standard_error(paired)
        gains.append(candidate.relative_gain)
        errors += [] if error is None else [error * scale]
        trials += len(paired)
    if not gains:
        return 0.0, None, 0
    within = sum(e * e for e in errors) ** 0.5 / len(gains) if errors else None
    between = standard_error(gains)
    known = [e for e in (within, between) if e is not None]
    return mean(gains), max(known) if known else None, trials


def _effect(said: Effect, gain: float, error: float | None, trials: int) -> Effect:
    """What the figures say; the model's word where there are none."""
    if trials == 0:
        return said
    if abs(gain) <= (error or 0.0):
        return "neutral"
    return "helps" if gain > 0 else "hurts"


def _conditions(answers: Iterable[ConditionAnswer], traits: Traits) -> Iterable[Condition]:
    """Conditions on traits that there are, and that hold for the data they were found on."""
    for answer in answers:
        equals: str | bool | None = answer.equals
        if isinstance(traits.get(answer.trait), bool) and answer.equals is not None:
            equals = answer.equals.strip().lower() == "true"
        bounds = {"at_least": answer.at_least, "at_most": answer.at_most, "equals": equals}
        if any(bound is not None for bound in bounds.values()):
            condition = Condition(trait=answer.trait, **bounds)
            if condition.holds(traits):
                yield condition
