"""The offline engineer: it needs no key and no network, and says the same for the same state and seed."""

from collections.abc import Callable, Iterator, Sequence

from haste.core.events import AnyEvent, Event, LearningRecorded, SolutionProposed, SolutionRejected
from haste.core.knowledge import Context, Knowledge
from haste.core.learning import Learning, Verdict
from haste.core.run import RunState
from haste.core.scope import Scope
from haste.core.skill import LoadedSkill
from haste.core.solution import REMEMBERED_PLAN, Change, FailureMode, FileRef, Reason, Solution
from haste.engineers.offline.choose import Question, choose
from haste.engineers.offline.distil import distil
from haste.engineers.offline.plan import Plan
from haste.engineers.offline.price import already_fitted
from haste.engineers.offline.problem import Problem, packages_of
from haste.engineers.offline.specialist import Specialist, specialist_for

Put = Callable[[str, str, bytes], FileRef]
Get = Callable[[str, FileRef], bytes]


class OfflineEngineer:
    """Proposes by a catalogue of moves over typed plans. `put` and `get` are those of the event log."""

    name = "offline"

    def __init__(self, put: Put, get: Get) -> None:
        self._put = put
        self._get = get

    def draft(self, state: RunState, context: Context, *, number: int) -> Iterator[Event]:
        """A prototype of its own approach; the first starts from what the competition's own skill remembers."""
        specialist, problem = _setting(state, context)
        known = _known_plan(context.knowledge, specialist, problem) if number == 0 else None
        if known is not None:
            plan, skill = known
            reason = Reason(
                skills=(skill,), text=f"The plan that {skill} remembers was the best of an earlier run."
            )
            change = Change(move=REMEMBERED_PLAN, summary=f"start from {skill}", level=2)
        else:
            drafted = specialist.draft(problem, number=number, seed=state.settings.seed)
            if drafted is None or drafted.dump() in [c.solution.plan for c in state.candidates.values()]:
                reason_text = f"no approach is left for prototype {number + 1}"
                yield SolutionRejected(purpose="draft", reason=reason_text, exhausted=True)
                return
            plan = drafted
            reason = Reason(
                text=f"Prototype {number + 1}: {plan.approach}, as unlike the others as the data allows."
            )
            change = Change(move=f"{plan.approach}-draft", summary=f"a first {plan.approach} model", level=2)
        yield self._propose(state, context, specialist, problem, plan, change, reason)

    def improve(
        self, state: RunState, context: Context, *, parent: str, track: int, escalation: int
    ) -> Iterator[Event]:
        """The move that promises most here for what it costs."""
        specialist, problem = _setting(state, context)
        candidate = state.candidates[parent]
        plan = specialist.read(candidate.solution.plan or {}, problem)
        if plan is None:
            yield _nothing(track, f"{parent} has no plan that a move could change")
            return
        plans = {s: specialist.read(c.solution.plan or {}, problem) for s, c in state.candidates.items()}
        done = already_fitted(state, plans)
        fresh = candidate.solution.is_fresh
        question = Question(plan, candidate.mean_seconds, escalation, done, on_prototype=fresh)
        choice = choose(specialist.moves, question, problem, context.knowledge, state)
        if choice is None:
            yield _nothing(track, "no move is left that fits the time and is worth it")
            return
        proposal = self._propose(state, context, specialist, problem, choice.plan, choice.change, choice.reason)
        solution = proposal.solution.model_copy(update={"parent": parent, "diagnosis": choice.diagnosis})
        yield proposal.model_copy(update={"solution": solution, "track": track, "escalation": escalation})

    def debug(self, state: RunState, context: Context, *, solution: str, track: int | None) -> Iterator[Event]:
        """A plan that avoids what failed: cheaper, smaller, or plainer.

        Prototypes alone are mended: of a change a mend would leave little, and what it brings would be told of the
        change. Its parent stands, and other changes wait.
        """
        specialist, problem = _setting(state, context)
        failed = state.candidates[solution]
        if failed.solution.parent is not None:
            reason_text = "a change that fails is left alone: its parent stands"
            yield SolutionRejected(purpose="debug", track=track, reason=reason_text, exhausted=True)
            return
        plan = specialist.read(failed.solution.plan or {}, problem)
        assert failed.failure is not None
        attempt = state.mends_tried(solution)
        mended = plan and specialist.mend(plan, failed.failure, problem, attempt=attempt)
        if not mended or mended[0].dump() in [c.solution.plan for c in state.candidates.values()]:
            reason_text = f"no mend is left for {failed.failure.kind.value}"
            yield SolutionRejected(purpose="debug", track=track, reason=reason_text, exhausted=True)
            return
        change = Change(move=failed.solution.change.move, summary=mended[1], level=failed.solution.change.level)
        reason = Reason(text=f"{failed.failure.kind.value}: {mended[1]}.")
        proposal = self._propose(state, context, specialist, problem, mended[0], change, reason)
        update = {"mends": solution, "diagnosis": FailureMode.DIMINISHING_RETURNS}
        yield proposal.model_copy(update={"solution": proposal.solution.model_copy(update=update), "track": track})

    def distil(self, state: RunState, context: Context) -> Iterator[Event]:
        """What helped, what hurt, and the best plan."""
        for learning in distil(state, context):
            yield LearningRecorded(learning=learning)

    def judge(
        self,
        learning: Learning,
        inventory: Sequence[LoadedSkill],
        others: Sequence[Learning],
        *,
        stream: str = "",  # noqa: ARG002  (it keeps no files)
    ) -> Iterator[AnyEvent | Verdict]:
        """A verdict by rules, without a model."""
        from haste.engineers.offline.judging import judge

        yield from judge(learning, inventory, others)

    def _propose(
        self,
        state: RunState,
        context: Context,
        specialist: Specialist,
        problem: Problem,
        plan: Plan,
        change: Change,
        reason: Reason,
    ) -> SolutionProposed:
        number = f"s{len(state.candidates) + 1:03d}"
        code = specialist.render(plan, problem)
        ref = self._put(context.run, f"{number}.py", code.encode())
        solution = Solution(
            id=number,
            parent=None,
            change=change,
            code=ref,
            plan=plan.dump(),
            approach=plan.approach,
            reason=reason,
        )
        return SolutionProposed(solution=solution)


def _setting(state: RunState, context: Context) -> tuple[Specialist, Problem]:
    assert state.competition is not None and state.profile is not None and state.domain is not None
    packages = packages_of(context.hardware)
    problem = Problem(state.competition, state.profile, packages, state.settings.time_limit)
    return specialist_for(state.domain), problem


def _known_plan(knowledge: Knowledge, specialist: Specialist, problem: Problem) -> tuple[Plan, str] | None:
    """The plan that the competition's own skills remember, the one with the largest gain; None without one."""
    found: list[tuple[float, str, Plan]] = []
    for loaded in knowledge.skills:
        skill = loaded.skill
        if skill.scope is not Scope.COMPETITION or skill.owner != problem.competition.id or skill.recipe is None:
            continue
        plan = specialist.read(skill.recipe.plan or {}, problem)
        if plan is not None:
            found.append((-skill.recipe.gain, skill.name, plan))
    best = min(found, key=lambda one: one[:2], default=None)
    return (best[2], best[1]) if best else None


def _nothing(track: int, reason: str) -> SolutionRejected:
    return SolutionRejected(purpose="improve", track=track, reason=reason, exhausted=True)
