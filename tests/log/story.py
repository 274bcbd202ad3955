"""One run told from start to end, then what followed it: every event type there is, in a sensible order."""

import json
from collections.abc import Iterator

from haste.core import events as e
from haste.core.competition import (
    ColumnKind,
    ColumnProfile,
    Competition,
    Fold,
    FoldPlan,
    Medals,
    Profile,
    RowFiles,
    TaskKind,
)
from haste.core.condition import Condition
from haste.core.learning import Learning, Recipe, Verdict
from haste.core.scope import Scope
from haste.core.solution import Change, Failure, FailureKind, FailureMode, FileRef, Reason, Solution
from haste.ports import EventLog
from haste.settings import Settings

RUN = "toy-prices/20260101-120000"
PLAIN = "toy-prices/20260101-121500"
FAILED = "toy-words/20260101-122000"
CURATION = "_skills/20260101-130000"
CAMPAIGN = "_campaigns/20260101-110000"

COMMIT = "c0ffee" * 6 + "c0ff"

COMPETITION = Competition(
    id="toy-prices",
    title="Toy prices – Größe zählt",
    description="Predict the price.",
    domain="tabular",
    root="/data/toy-prices/public",
    train="train.csv",
    test="test.csv",
    sample="sample_submission.csv",
    metric_name="rmse",
    id_column="id",
    targets=("price",),
    prediction_columns=("price",),
    row_files=(RowFiles(name="picture", train="train/{id}.jpg", test="test/{id}.jpg"),),
    group_column="street",
    time_column="year",
    medals=Medals(gold=1.0, silver=1.5, bronze=2.0, median=3.25),
    answers="/data/toy-prices/private/answers.csv",
    inferred=("metric: the description says RMSE",),
)

PROFILE = Profile(
    rows=1460,
    test_rows=1459,
    task=TaskKind.REGRESSION,
    columns=(
        ColumnProfile(
            name="area", kind=ColumnKind.NUMERIC, missing=0.125, unique=800, skew=1.5, examples=("1", "2")
        ),
        ColumnProfile(name="street", kind=ColumnKind.CATEGORICAL, unique=12, unseen=0.01),
        ColumnProfile(name="note", kind=ColumnKind.TEXT, unique=1400, mean_words=7.5),
    ),
    target_skew=1.9,
    target_min=34900.0,
    target_max=755000.0,
    folds=FoldPlan(kind="grouped", folds=3, seed=0, column="street", lockbox_share=0.2, reason="streets repeat"),
    traits={"rows": 1460, "missing": 0.06, "has_text": True, "metric": "rmse"},
    remarks=("12 rows stand twice in the training table",),
)


def _learning(sign: str) -> Learning:
    hurts = sign == "hurts"
    return Learning(
        id=f"{RUN}#{2 if hurts else 1}",
        title="Text counts hurt small tables" if hurts else "A log target helps skewed prices",
        text="Seen on three folds.",
        recipe=Recipe(
            move="text-counts" if hurts else "log-target",
            parameters={"base": "e", "clip": 0.5},
            effect="hurts" if hurts else "helps",
            gain=-0.01 if hurts else 0.08,
            error=0.002,
            trials=3,
            conditions=(Condition(trait="target_skew", at_least=1.0), Condition(trait="has_text", equals=True)),
            plan=None,
        ),
        tier=Scope.DOMAIN,
        competition="toy-prices",
        domain="tabular",
        metric="rmse",
        engineer="offline",
        run=RUN,
        positions=(20, 26),
        skills=("log-target",),
        traits={"rows": 1460, "has_text": True, "metric": "rmse"},
    )


class Teller:
    """Writes the story into a log, and counts positions."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.positions: dict[str, int] = {}

    def tell(self, stream: str, *events: e.Event) -> None:
        """Append events to a stream."""
        for event in events:
            position = self.positions.get(stream, 0)
            self.log.append(stream, event, expected=position)
            self.positions[stream] = position + 1

    def file(self, name: str, text: str, run: str = RUN) -> FileRef:
        """Put a file beside a run."""
        return self.log.put(run, name, text.encode())

    def solution(self, number: int, move: str, parent: int | None, run: str = RUN, **more: object) -> Solution:
        """A solution with a script of its own."""
        name = f"s{number:03d}"
        return Solution.model_validate(
            {
                "id": name,
                "parent": None if parent is None else f"s{parent:03d}",
                "change": Change(move=move, summary=f"try {move}", parameters={"n": number, "rate": 0.1}, level=1),
                "code": self.file(f"{name}.py", f"# {move}\nprint({number})\n", run),
                "plan": {"model": move, "steps": [1, 2.5, None, True]},
                "approach": move,
                "reason": Reason(prior=0.3, expected=0.02, skills=(), text=f"{move} is cheap"),
                **more,
            }
        )


def folds_of(solution: str, scores: list[float], lockbox: bool = False) -> Iterator[e.Event]:
    """An evaluation that went well."""
    folds = [Fold(repeat=int(lockbox), number=k) for k in range(len(scores))]
    yield e.EvaluationStarted(
        solution=solution, folds=tuple(folds), purpose="confirm" if lockbox else "score", sandbox="bubblewrap"
    )
    for fold, score in zip(folds, scores, strict=True):
        yield e.FoldScored(
            solution=solution, fold=fold, score=score, seconds=2.5, cpu_seconds=4.75, memory_bytes=3 * 2**20,
            saved_seconds=0.5, predictions=f"{fold.number:x}" * 64, output="fitted\n",
        )  # fmt: skip


def scored(solution: str, scores: list[float], **more: object) -> e.SolutionScored:
    """The score of a solution on folds."""
    values = {"solution": solution, "score": sum(scores) / len(scores), "error": 0.01, "folds": len(scores), **more}
    return e.SolutionScored.model_validate(values)


def tell_start(teller: Teller) -> None:
    """Profile and skills."""
    settings = Settings(prototypes=2, folds=3, iterations=4, engineer="claude", time_limit=600)
    teller.tell(
        RUN,
        e.RunStarted(
            competition=COMPETITION, settings=settings, engineer="claude claude-sonnet-4-6", arm="tiered",
            commit=COMMIT, environment={"cores": "2", "lightgbm": "4.7.0"}, data={"train.csv": "a" * 64},
        ),
        e.CompetitionProfiled(profile=PROFILE),
        e.DomainChosen(domain="tabular", why="the competition says so"),
        e.SkillsLoaded(
            arm="tiered", commit=COMMIT,
            skills=(e.LoadedRef(name="log-target", scope="global", version="0123456789ab"),),
            characters=812, tokens=203, knowledge=teller.file("knowledge.json", json.dumps({"skills": []})),
        ),
        e.StageFinished(stage="profile", reason="the data is known and the skills are loaded"),
    )  # fmt: skip


def tell_prototypes(teller: Teller) -> None:
    """Two prototypes: one asked of Claude, one that fails and is mended."""
    ask = teller.file("q001.json", '{"messages": []}')
    answer = teller.file("a001.json", '{"content": []}')
    crash = Failure(kind=FailureKind.CRASHED, message="KeyError: 'aera'", output="Traceback …\nKeyError: 'aera'")
    teller.tell(
        RUN,
        e.ModelAsked(
            purpose="draft", model="claude-sonnet-4-6", request=ask, prompt="d" * 16, reserved_usd=0.25,
            reserved_tokens=8000,
        ),
        e.ModelRefused(purpose="draft", model="claude-sonnet-4-6", kind="overloaded", message="529: try later"),
        e.ModelAsked(purpose="draft", model="claude-sonnet-4-6", request=ask, prompt="d" * 16, attempt=2),
        e.ModelAnswered(
            purpose="draft", model="claude-sonnet-4-6", answer=answer,
            usage=e.Usage(input_tokens=900, cache_read_input_tokens=4000, output_tokens=1200), usd=0.0321,
            stop_reason="end_turn", seconds=14.5, notes=("one fenced block",),
        ),
        e.SolutionProposed(solution=teller.solution(1, "boosting", None)),
        *folds_of("s001", [10.0]),
        scored("s001", [10.0], error=None),
        e.SubmissionWritten(
            path="submissions/toy.csv", sha256="1" * 64, rows=1459, final=False,
            members=(e.Member(solution="s001", weight=1.0),),
        ),
        e.SolutionProposed(solution=teller.solution(2, "linear", None)),
        e.EvaluationStarted(solution="s002", folds=(Fold(),), purpose="score", sandbox="bubblewrap"),
        e.EvaluationFailed(solution="s002", fold=Fold(), failure=crash, seconds=0.75),
        e.SolutionProposed(solution=teller.solution(3, "fix-column", 2, mends="s002", approach="linear")),
        *folds_of("s003", [11.5]),
        scored("s003", [11.5], error=None),
        e.StageFinished(stage="prototypes", reason="2 of 2 prototypes were scored"),
    )  # fmt: skip


def tell_refinement(teller: Teller) -> None:
    """A change that is kept, one that is reverted, nothing left to try."""
    cited = Reason(prior=0.3, expected=0.08, skills=("log-target",), text="the target is skewed (1.9)")
    worse = [9.6, 9.7]
    teller.tell(
        RUN,
        *folds_of("s001", [10.0, 10.2, 9.8]),
        scored("s001", [10.0, 10.2, 9.8]),
        *folds_of("s003", [11.5, 11.4, 11.6]),
        scored("s003", [11.5, 11.4, 11.6]),
        e.SolutionProposed(
            solution=teller.solution(4, "log-target", 1, reason=cited, diagnosis=FailureMode.UNDERFITTING), track=0
        ),
        *folds_of("s004", [9.0, 9.3, 8.9]),
        scored("s004", [9.0, 9.3, 8.9]),
        e.ChangeKept(
            solution="s004", parent="s001", track=0, gain=0.9333, error=0.0333, relative_gain=0.0933,
            reason="better by +0.93 ± 0.033 over 3 folds",
        ),
        e.RunResumed(environment={"cores": "2", "lightgbm": "4.7.0"}, raised={"time_limit": 900.0}),
        e.SolutionProposed(solution=teller.solution(5, "text-counts", 4), track=0, escalation=1),
        *folds_of("s005", worse),
        scored("s005", worse, stopped_early=True),
        e.ChangeReverted(
            solution="s005", parent="s004", track=0, gain=-0.5, error=0.1, relative_gain=-0.055,
            reason="clearly worse: -0.5 ± 0.1",
        ),
        e.SolutionRejected(purpose="improve", track=0, reason="no move is left", exhausted=True),
        e.StageFinished(stage="refinement", track=0, reason="the engineer has nothing left to try"),
        e.BudgetExhausted(budget="time", detail="31 s left, 30 s kept back for the end"),
        e.StageFinished(stage="refinement", track=1, reason="time"),
        e.StageFinished(stage="refinement", reason="both tracks are done"),
    )  # fmt: skip


def tell_end(teller: Teller) -> None:
    """The ensemble, the submission, the learnings."""
    members = (e.Member(solution="s004", weight=0.75), e.Member(solution="s003", weight=0.25))
    teller.tell(
        RUN,
        e.EnsembleBuilt(
            members=members, method="weighted", score=8.75, error=0.125, single="s004", single_score=9.0,
            single_error=0.15, rows="lockbox",
        ),
        e.EnsembleKept(gain=0.25),
        e.SubmissionWritten(path="submissions/toy.csv", sha256="2" * 64, rows=1459, members=members, final=True),
        e.StageFinished(stage="ensemble", reason="the submission is written"),
        e.LearningRecorded(learning=_learning("helps")),
        e.LearningRecorded(learning=_learning("hurts")),
        e.StageFinished(stage="learnings", reason="2 learnings"),
        e.RunFinished(score=8.75, error=0.125, best="s004"),
        e.SubmissionGraded(score=1.25, medal="silver", reachable="bubblewrap: its own view alone"),
    )  # fmt: skip


def tell_run(teller: Teller) -> None:
    """The whole run."""
    tell_start(teller)
    tell_prototypes(teller)
    tell_refinement(teller)
    tell_end(teller)


def tell_plain(teller: Teller) -> None:
    """A short run without skills, whose best solution stands alone."""
    alone = (e.Member(solution="s001", weight=1.0),)
    teller.tell(
        PLAIN,
        e.RunStarted(
            competition=COMPETITION, settings=Settings(arm="none", prototypes=1), engineer="offline", arm="none",
            commit=COMMIT, environment={"cores": "2"}, data={"train.csv": "a" * 64},
        ),
        e.CompetitionProfiled(profile=PROFILE),
        e.DomainChosen(domain="tabular", why="the competition says so"),
        e.StageFinished(stage="profile", reason="the data is known and the skills are loaded"),
        e.SolutionProposed(solution=teller.solution(1, "boosting", None, PLAIN)),
        *folds_of("s001", [10.0, 10.2, 9.8]),
        scored("s001", [10.0, 10.2, 9.8]),
        e.StageFinished(stage="prototypes", reason="1 of 1 prototypes was scored"),
        e.StageFinished(stage="refinement", reason="both tracks are done"),
        e.EnsembleBuilt(
            members=alone, method="uniform", score=10.1, error=0.1, single="s001", single_score=10.1,
            single_error=0.1, rows="fresh folds",
        ),
        e.EnsembleDropped(gain=0.0, reason="it is the single best"),
        e.SubmissionWritten(path="submissions/plain.csv", sha256="3" * 64, rows=1459, members=alone, final=True),
        e.StageFinished(stage="ensemble", reason="the submission is written"),
        e.StageFinished(stage="learnings", reason="nothing new"),
        e.RunFinished(score=10.1, error=0.1, best="s001"),
    )  # fmt: skip


def tell_failed(teller: Teller) -> None:
    """A run of which no prototype could be made to run."""
    late = Failure(kind=FailureKind.TIMED_OUT, message="stopped after 60 s", output="")
    teller.tell(
        FAILED,
        e.RunStarted(
            competition=COMPETITION.model_copy(update={"id": "toy-words", "title": "Toy words"}),
            settings=Settings(prototypes=1), engineer="offline", arm="tiered", commit=COMMIT,
            environment={"cores": "2"}, data={"train.csv": "b" * 64},
        ),
        e.CompetitionProfiled(profile=PROFILE),
        e.StageFinished(stage="profile", reason="the data is known and the skills are loaded"),
        e.SolutionProposed(solution=teller.solution(1, "transformer", None, FAILED)),
        e.EvaluationStarted(solution="s001", folds=(Fold(),), purpose="score", sandbox="landlock"),
        e.EvaluationFailed(solution="s001", fold=Fold(), failure=late, seconds=60.0),
        e.RunFailed(reason="none of 1 prototypes could be made to run", hint="give more time"),
    )  # fmt: skip


def tell_curation(teller: Teller) -> None:
    """What the orchestrator makes of the learnings."""
    commit, promotion = "feed" * 10, "20260101-130000-1"
    learning = _learning("helps")
    teller.tell(
        CURATION,
        e.CurationStarted(
            runs=(RUN,), branch="haste/20260101-130000", commit=COMMIT, review="auto", engineer="offline"
        ),
        e.LearningJudged(
            learning=learning,
            verdict=Verdict(decision="domain", reason="new in this domain", skill=None),
            change="promote",
        ),
        e.SkillPromoted(
            promotion=promotion, skill="log-target", scope="domain", path="skills/domains/tabular/log-target",
            version="0123456789ab", commit=commit, branch="haste/20260101-130000", learning=learning.id,
            reason="new in this domain",
        ),
        e.ConflictAnnotated(
            promotion=promotion, skill="log-target", other="raw-target", conditions="target_skew ≥ 1", commit=commit
        ),
        e.SkillAmended(
            promotion=promotion, skill="log-target", version="ba9876543210", commit=commit, learning=learning.id,
            summary="holds from a skew of 1 up",
        ),
        e.SkillRetired(
            promotion=promotion, skill="old-trick", path="skills/global/old-trick", commit=commit, reason="hurts",
            rule="contradicted", recipe=Recipe(move="old-trick", gain=0.02, error=0.01, trials=4),
        ),
        e.PromotionReviewed(promotion=promotion, decision="approved", by="Ada", comment="seen", commit=commit),
        e.PromotionRolledBack(
            promotion=promotion, skill="log-target", commit=commit, reason="it leaked", loaded_by=(RUN,)
        ),
        e.CurationFinished(merged=commit, note="1 promoted"),
    )  # fmt: skip


def tell_campaign(teller: Teller) -> None:
    """The campaign around it."""
    teller.tell(
        CAMPAIGN,
        e.CampaignStarted(
            competitions=("/data/toy-prices",),
            settings=Settings(),
            plan={"rounds": [["/data/toy-prices"]], "seeds": 1},
        ),
        e.RoundStarted(number=1, runs={"/data/toy-prices": RUN, "/data/toy-words": FAILED}, commit=COMMIT),
        e.RoundFinished(
            number=1,
            finished=(RUN,),
            failed=(FAILED,),
            promoted=1,
            retired=1,
            reasons={FAILED: "no prototype could be made to run in the time"},
            out_of_time=(FAILED,),
        ),
        e.RoundStarted(number=2, runs={"/data/toy-words": FAILED}, commit=COMMIT, time_limit=1200.0),
        e.RoundFinished(number=2, finished=(FAILED,), failed=(), promoted=0),
        e.CampaignFinished(reason="every round is done"),
    )


def tell_all(log: EventLog) -> Teller:
    """The runs, the curation and the campaign."""
    teller = Teller(log)
    tell_run(teller)
    tell_plain(teller)
    tell_failed(teller)
    tell_curation(teller)
    tell_campaign(teller)
    return teller
