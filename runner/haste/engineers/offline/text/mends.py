"""What to do about a text plan that failed: cheaper, smaller, or without the part that broke."""

from haste.core.solution import Failure, FailureKind
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.text.changes import changed, rewritten
from haste.engineers.offline.text.drafts import draft
from haste.engineers.offline.text.plan import Member, TextPlan, Vocabulary
from haste.engineers.offline.text.render import FUNCTIONS

COSTLY = ("network", "kernel", "boosting")
TOO_MUCH = (FailureKind.TIMED_OUT, FailureKind.OUT_OF_MEMORY, FailureKind.TOO_LARGE, FailureKind.TOO_MANY_PROCESSES)


def mend(plan: TextPlan, failure: Failure, problem: Problem, *, attempt: int) -> tuple[TextPlan, str] | None:
    """A plan that avoids the failure, and what was changed; None when no idea is left."""
    ideas = [*_ideas(plan, failure), _plainest(plan, problem)]
    found = [idea for idea in ideas if idea is not None and idea[0] != plan]
    return found[attempt] if attempt < len(found) else None


def _ideas(plan: TextPlan, failure: Failure) -> list[tuple[TextPlan, str] | None]:
    if failure.kind in TOO_MUCH:
        return [_smaller(plan), _without(plan, [m for m in plan.members if m.kind in COSTLY], "costly members")]
    told = failure.message + failure.output
    ideas: list[tuple[TextPlan, str] | None] = []
    if "empty vocabulary" in told or "no terms remain" in told:
        rare = rewritten(plan, lambda v: v.model_copy(update={"rare": 1}))
        ideas.append((rare, "kept n-grams that stand in one row alone") if rare else None)
    blamed = [m for m in plan.members if f"in {FUNCTIONS[m.kind]}\n" in told]
    if "torch" in told:
        blamed += [m for m in plan.members if m.kind == "network"]
    ideas.append(_without(plan, blamed, "the member that broke"))
    return ideas


def _smaller(plan: TextPlan) -> tuple[TextPlan, str] | None:
    def fewer(vocabulary: Vocabulary) -> Vocabulary:
        longest = 2 if vocabulary.unit == "words" else 4
        highest = max(vocabulary.lowest, min(vocabulary.highest, longest))
        return vocabulary.model_copy(update={"highest": highest, "most": 50_000, "rare": max(vocabulary.rare, 3)})

    less = rewritten(plan, fewer) or plan
    less = changed(less, inner=min(less.inner, 3), components=min(less.components, 32)) or less
    return less, "fewer n-grams, fewer inner folds"


def _without(plan: TextPlan, members: list[Member], what: str) -> tuple[TextPlan, str] | None:
    left = [m for m in plan.members if m not in members]
    if not left or not members:
        return None
    after = changed(plan, members=left)
    return (after, f"without {what}") if after else None


def _plainest(plan: TextPlan, problem: Problem) -> tuple[TextPlan, str] | None:
    plain = draft(problem, 0, plan.seed)
    if plain is None:
        return None
    reads = tuple(v.model_copy(update={"highest": 1, "most": 20_000}) for v in plain.members[0].reads)
    members = [plain.members[0].model_copy(update={"reads": reads})]
    after = changed(plain, members=members)
    return (after, "one linear model on single words") if after else None
