"""A deterministic engineer that ships with the package: it proposes prepared scripts, one after the other.

For tests of the runner and for trying a set-up; it knows nothing about machine learning.
"""

from collections.abc import Iterator, Sequence

from haste.core.events import AnyEvent, Event, LearningRecorded, SolutionProposed, SolutionRejected
from haste.core.knowledge import Context
from haste.core.learning import Learning, Recipe, Verdict
from haste.core.run import RunState
from haste.core.scope import Scope
from haste.core.skill import LoadedSkill
from haste.core.solution import Change, Solution
from haste.ports import EventLog


class ScriptedEngineer:
    """Drafts, changes and mends come from three lists of scripts; an empty list has nothing left."""

    def __init__(
        self, log: EventLog, *, drafts: Sequence[str], changes: Sequence[str] = (), mends: Sequence[str] = ()
    ) -> None:
        self._log = log
        self._scripts = {"draft": list(drafts), "improve": list(changes), "debug": list(mends)}

    @property
    def name(self) -> str:
        """`scripted`."""
        return "scripted"

    def draft(self, state: RunState, context: Context, *, number: int) -> Iterator[Event]:
        """Prototype `number` of the list."""
        scripts = self._scripts["draft"]
        if number >= len(scripts):
            yield SolutionRejected(purpose="draft", reason="no script is left", exhausted=True)
            return
        yield self._propose(state, context, scripts[number], parent=None, move=f"draft-{number}", track=None)

    def improve(
        self, state: RunState, context: Context, *, parent: str, track: int, escalation: int
    ) -> Iterator[Event]:
        """The next change that was not proposed yet."""
        used = sum(1 for c in state.candidates.values() if c.solution.change.move.startswith("change-"))
        if used >= len(self._scripts["improve"]):
            yield SolutionRejected(purpose="improve", track=track, reason="no script is left", exhausted=True)
            return
        script = self._scripts["improve"][used]
        proposal = self._propose(state, context, script, parent=parent, move=f"change-{used}", track=track)
        yield proposal.model_copy(update={"escalation": escalation})

    def debug(self, state: RunState, context: Context, *, solution: str, track: int | None) -> Iterator[Event]:
        """The next mend that was not proposed yet."""
        used = sum(1 for c in state.candidates.values() if c.solution.mends is not None)
        if used >= len(self._scripts["debug"]):
            yield SolutionRejected(purpose="debug", track=track, reason="no mend is left", exhausted=True)
            return
        parent = state.candidates[solution].solution.parent
        script = self._scripts["debug"][used]
        yield self._propose(state, context, script, parent=parent, move=f"mend-{used}", track=track, mends=solution)

    def distil(self, state: RunState, context: Context) -> Iterator[Event]:
        """One learning about every kept change, and one about the best solution."""
        assert state.competition is not None
        kept = [c for c in state.candidates.values() if c.verdict == "kept"]
        moves = [c.solution.change.move for c in kept] or ["draft-0"]
        for number, move in enumerate(moves, 1):
            yield LearningRecorded(
                learning=Learning(
                    id=f"l{number}",
                    title=f"{move} helped",
                    text=f"{move} was kept.",
                    recipe=Recipe(move=move, effect="helps"),
                    tier=Scope.COMPETITION,
                    competition=state.competition.id,
                    domain=state.domain or "general",
                    metric=state.competition.metric_name,
                    engineer=self.name,
                    run=context.run,
                )
            )

    def judge(
        self,
        learning: Learning,
        inventory: Sequence[LoadedSkill],
        others: Sequence[Learning],
        *,
        stream: str = "",
    ) -> Iterator[AnyEvent | Verdict]:
        """Everything is kept for its competition."""
        yield Verdict(decision="competition", reason=f"{learning.recipe.move} in {learning.competition}")

    def _propose(
        self,
        state: RunState,
        context: Context,
        script: str,
        *,
        parent: str | None,
        move: str,
        track: int | None,
        mends: str | None = None,
    ) -> SolutionProposed:
        solution_id = f"s{len(state.candidates) + 1:03d}"
        code = self._log.put(context.run, f"{solution_id}.py", script.encode())
        solution = Solution(
            id=solution_id,
            parent=parent,
            change=Change(move=move, summary=f"script {move}"),
            code=code,
            approach=move if parent is None else state.candidates[parent].solution.approach,
            mends=mends,
        )
        return SolutionProposed(solution=solution, track=track)
