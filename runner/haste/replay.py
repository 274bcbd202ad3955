"""Replay: rebuild a run from its log, and hold it against everything that it published."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from haste.core import actions as a
from haste.core import events as e
from haste.core.competition import Fold
from haste.core.evolve import evolve
from haste.core.model import Frozen
from haste.core.policy import decide
from haste.core.run import RunState
from haste.core.stream import Problem, files_named
from haste.ports import EventLog
from haste.projections.summary import Summary, reached, summary_of

Decisions = Callable[[Sequence[e.Recorded]], list[str]]
"""Asks a policy again at every position; says where the log went another way."""


Kept = Callable[[str, Fold, str], bool | None]
"""Whether the predictions of a solution on a fold have this digest; None where they are not there any more."""


class Replay(Frozen):
    """What a replay found. `differences` are what should never be; `remarks` are what could not be compared."""

    run: str
    events: int
    files: int
    head: str
    """Hash of the last line: two copies of a run are the same when theirs is."""
    summary: Summary
    differences: tuple[str, ...]
    remarks: tuple[str, ...]
    decisions: int | None = None
    """How many decisions were made again and compared; None where none was asked for."""

    @property
    def agrees(self) -> bool:
        """Whether the log and everything it published say the same."""
        return not self.differences

    def lines(self) -> list[str]:
        """The report as lines of text."""
        points = f"{len(self.differences)} point{'' if len(self.differences) == 1 else 's'}"
        verdict = "agrees with its log" if self.agrees else f"differs from its log in {points}"
        return [
            f"{self.run}: {self.events} events and {self.files} files; the run {verdict}",
            f"  head {self.head}",
            *([] if self.decisions is None else [f"  {self.decisions:,} decisions made again and compared"]),
            *[f"  differs: {text}" for text in self.differences],
            *[f"  note: {text}" for text in self.remarks],
        ]


def replay_run(
    run: str,
    log: EventLog,
    root: Path,
    *,
    found: Iterable[Problem] = (),
    kept: Kept | None = None,
    decisions: Decisions | None = None,
    waits: str = "",
) -> Replay:
    """Verify a run's chain and files, fold its events, and compare with what it wrote under `root`.

    `found` are problems found elsewhere; `kept` looks at predictions; `waits` says what is left to do. Raises
    LogError for a stream that can't be read to its end.
    """
    differences = [str(problem) for problem in [*log.verify(run), *found]]
    recorded = log.read(run)
    state = RunState()
    for one in recorded:
        state = evolve(state, one)
    remarks = [waits] if waits else []
    differences += outcome_differences(recorded, state)
    _submission(state, root, differences, remarks)
    if kept is not None:
        _predictions(recorded, kept, differences, remarks)
    if decisions is not None:
        differences += decisions(recorded)
    return Replay(
        run=run,
        events=len(recorded),
        files=len({ref for one in recorded for ref in files_named(one.event)}),
        head=recorded[-1].envelope.hash if recorded else "",
        summary=summary_of(state),
        differences=tuple(differences),
        remarks=tuple(remarks),
        decisions=None if decisions is None else sum(1 for _ in _asked(recorded)),
    )


def outcome_differences(recorded: Iterable[e.Recorded], state: RunState) -> list[str]:
    """Whether the folded state says what the run said at its end."""
    found = []
    finished = next((one.event for one in recorded if isinstance(one.event, e.RunFinished)), None)
    if finished is not None:
        score, error, _ = reached(state)
        if (finished.score, finished.error) != (score, error):
            found.append(f"RunFinished says {finished.score} ± {finished.error}, the events say {score} ± {error}")
        if finished.best != state.best:
            found.append(f"RunFinished names {finished.best} the best, the events say {state.best}")
    submission = state.submission
    if submission is not None and submission.final and submission.members != state.final_members:
        told = ", ".join(m.solution for m in submission.members)
        found.append(f"the submission is made of {told}, the events choose "
                     f"{', '.join(m.solution for m in state.final_members)}")  # fmt: skip
    return found


def _submission(state: RunState, root: Path, differences: list[str], remarks: list[str]) -> None:
    """Whether the submission on disk is the one that the log names."""
    if state.submission is None:
        remarks.append("the run wrote no submission")
        return
    path = root / state.submission.path
    try:
        data = path.read_bytes()
    except OSError as error:
        remarks.append(f"the submission {state.submission.path} can't be read: {error.strerror}")
        return
    if sha256(data).hexdigest() != state.submission.sha256:
        differences.append(f"the submission {state.submission.path} isn't the one that was written")


def _predictions(recorded: Iterable[e.Recorded], kept: Kept, differences: list[str], remarks: list[str]) -> None:
    """Whether the predictions that are still kept are the ones that were scored."""
    scored = {(ev.solution, ev.fold.key): ev for one in recorded if isinstance(ev := one.event, e.FoldScored)}
    found = {key: kept(event.solution, event.fold, event.predictions) for key, event in scored.items()}
    changed = [f"{solution} fold {fold}" for (solution, fold), same in found.items() if same is False]
    differences += [f"the predictions of {one} aren't the ones that were scored" for one in changed]
    if gone := sum(same is None for same in found.values()):
        remarks.append(f"{gone} of {len(found)} predictions are not kept any more; a resumed run makes them again")


# ── decisions ────────────────────────────────────────────────────────────────────────────────────────

_ASKING: tuple[type, ...] = (e.ModelAsked, e.ModelAnswered, e.ModelRefused, e.BudgetExhausted)
_RUNNING: tuple[type, ...] = (e.EvaluationStarted, e.FoldScored, e.EvaluationFailed, e.BudgetExhausted)
_PROPOSING: tuple[type, ...] = (*_ASKING, e.SolutionProposed, e.SolutionRejected)
_FOLLOWS: dict[type, tuple[type, ...]] = {
    a.Profile: (e.CompetitionProfiled,),
    a.ChooseDomain: (*_ASKING, e.DomainChosen),
    a.LoadSkills: (e.SkillsLoaded,),
    a.Draft: _PROPOSING,
    a.Improve: _PROPOSING,
    a.Debug: _PROPOSING,
    a.Evaluate: (*_RUNNING, e.SolutionScored),
    a.Decide: (e.ChangeKept, e.ChangeReverted),
    a.Stop: (e.BudgetExhausted,),
    a.FinishStage: (e.StageFinished,),
    a.BuildEnsemble: (*_RUNNING, e.EnsembleBuilt, e.EnsembleKept, e.EnsembleDropped),
    a.Submit: (*_RUNNING, e.SubmissionWritten),
    a.Distil: (*_ASKING, e.LearningRecorded, e.StageFinished),
    a.Finish: (e.RunFinished,),
    a.Fail: (e.RunFailed,),
}
_LAST = (e.SolutionScored, e.SolutionProposed, e.SolutionRejected, e.StageFinished, e.SubmissionWritten)
"""Events after which nothing follows of the action that gave them."""
_UNDECIDED = (e.RunStarted, e.RunResumed, e.SubmissionGraded)
"""Events that no policy decides."""


def compare_decisions(recorded: Sequence[e.Recorded]) -> list[str]:
    """Where today's policy would have gone another way than the log did, at every position of a run.

    An action's events may be cut anywhere, so what is compared is whether the next event is one that the action
    gives, about the same solution, parent, track and stage. An action that is being done is not decided again: time
    that runs out meanwhile, which asks for another, is seen once it is done.
    """
    found = []
    doing: tuple[a.Action, int] | None = None
    for state, one in _asked(recorded):
        asked, position = decide(state), one.envelope.position
        going_on = doing[0] if doing is not None and doing[1] == position - 1 else asked
        action = next((one_ for one_ in (asked, going_on) if _fits(one_, one.event)), None)
        doing = None if action is None or isinstance(one.event, _LAST) else (action, position)
        if action is None:
            found.append(f"position {one.envelope.position}: the policy asks for {_named(asked)}, "
                         f"the log has {_named(one.event)}")  # fmt: skip
    return found


def _asked(recorded: Iterable[e.Recorded]) -> Iterator[tuple[RunState, e.Recorded]]:
    """Every position at which a policy decides what comes next: the state before it, and what came."""
    state = RunState()
    for one in recorded:
        if state.competition is not None and not state.finished and not isinstance(one.event, _UNDECIDED):
            yield state, one
        state = evolve(state, one)


def _fits(action: a.Action, event: e.AnyEvent) -> bool:
    if not isinstance(event, _FOLLOWS[type(action)]):
        return False
    match action, event:
        case a.Evaluate(), e.EvaluationStarted() | e.FoldScored() | e.EvaluationFailed() | e.SolutionScored():
            return event.solution == action.solution
        case a.Decide(), e.ChangeKept() | e.ChangeReverted():
            return (event.solution, event.track) == (action.solution, action.track)
        case a.Improve(), e.SolutionProposed():
            return (event.solution.parent, event.track) == (action.parent, action.track)
        case a.Debug(), e.SolutionProposed():
            return event.solution.mends == action.solution
        case a.FinishStage(), e.StageFinished():
            return (event.stage, event.track) == (action.stage, action.track)
        case a.Submit(), e.SubmissionWritten():
            return event.final == action.final
        case _:
            return True


def _named(value: a.Action | e.AnyEvent) -> str:
    facts = [f"{k} {getattr(value, k)}" for k in ("solution", "parent", "track", "stage") if _plain(value, k)]
    return " ".join([type(value).__name__, *facts])


def _plain(value: object, name: str) -> bool:
    return isinstance(getattr(value, name, None), str | int)
