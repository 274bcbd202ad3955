"""The state of a run: a pure fold of its events. No clock, no chance, no files."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from haste.core import events as e
from haste.core.competition import Competition, Domain, Fold, Profile
from haste.core.learning import Learning
from haste.core.solution import Failure, Solution
from haste.core.statistics import mean, paired_gains
from haste.settings import Settings

LOOK = Fold(number=0, tenth=True)
"""The view of the first look at a prototype on large data."""


@dataclass(frozen=True)
class Candidate:
    """A solution and what is known of it."""

    solution: Solution
    track: int | None = None
    escalation: int = 0
    scores: dict[str, float] = field(default_factory=dict)
    """Score by fold key, in the order of evaluation."""
    seconds: dict[str, float] = field(default_factory=dict)
    """What each fold took, or would have without the fits of earlier solutions."""
    saved: dict[str, float] = field(default_factory=dict)
    """How much of that earlier solutions had done."""
    predictions: dict[str, str] = field(default_factory=dict)
    """Digest of the kept predictions by fold key."""
    outputs: dict[str, str] = field(default_factory=dict)
    look_seconds: float | None = None
    """What one fold took with a tenth of its rows; None where nobody looked."""
    look: str | None = None
    """Digest of the predictions made with that tenth."""
    memory_bytes: int = 0
    failure: Failure | None = None
    refit_failure: Failure | None = None
    """How the last fit on every row failed, which says nothing against the folds."""
    scored: bool = False
    score: float | None = None
    error: float | None = None
    score_folds: int = 0
    """How many folds stand behind `score`."""
    stopped_early: bool = False
    verdict: str | None = None
    """`kept` or `reverted` once it was decided, None before."""
    gain: float | None = None
    relative_gain: float | None = None
    shown_at: tuple[int, ...] = ()
    """Positions of the events that scored it and decided about it."""

    @property
    def digests(self) -> dict[str, str]:
        """Digests of all kept predictions by fold key, those of the look among them."""
        return self.predictions if self.look is None else {**self.predictions, LOOK.key: self.look}

    @property
    def mean_seconds(self) -> float:
        """What one fold takes where nothing was fitted before, on average; 0.0 before the first."""
        return mean(list(self.seconds.values()))

    @property
    def mean_seconds_beside_others(self) -> float:
        """What one fold takes after solutions that may have fitted some of it: halfway to what this one found."""
        return self.mean_seconds - mean(list(self.saved.values())) / 2.0


@dataclass(frozen=True)
class Track:
    """One line of refinement: its current best, how many changes it has seen, and how many misses in a row."""

    start: str
    """The prototype it began with."""
    best: str
    iterations: int = 0
    misses: int = 0
    exhausted: bool = False
    finished: str | None = None

    def escalation(self, after: int) -> int:
        """0 while changes help; one level more for every `after` misses in a row, at most 2."""
        return min(2, self.misses // after)


@dataclass(frozen=True)
class RunState:
    """Everything a decision may depend on. `position` is that of the next event."""

    run: str = ""
    position: int = 0
    seconds: float = 0.0
    """Time the run has been active, by its own log; what lies before a `RunResumed` doesn't count."""
    last_at: datetime | None = None
    competition: Competition | None = None
    settings: Settings = field(default_factory=Settings)
    engineer: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    profile: Profile | None = None
    domain: Domain | None = None
    loaded: e.SkillsLoaded | None = None
    candidates: dict[str, Candidate] = field(default_factory=dict)
    drafts: tuple[str, ...] = ()
    drafts_rejected: int = 0
    pending: str | None = None
    """The solution that was proposed and is not yet decided about."""
    tracks: tuple[Track, ...] = ()
    finished_stages: tuple[str, ...] = ()
    given_up: tuple[str, ...] = ()
    """Where lines of mends began to which the engineer knows no further one."""
    exhausted: dict[str, str] = field(default_factory=dict)
    ensemble: e.EnsembleBuilt | None = None
    ensemble_kept: bool | None = None
    submission: e.SubmissionWritten | None = None
    writing: float = 0.0
    """Seconds that the slowest writing of a submission took."""
    interim_for: tuple[str, ...] = ()
    """Members of the last interim submission."""
    learnings: tuple[Learning, ...] = ()
    asked: e.ModelAsked | None = None
    """A question without an answer: it went out before a crash, or is out now."""
    answers: tuple[tuple[e.ModelAsked, e.ModelAnswered], ...] = ()
    """Answers since the last proposal, so that a crash in between costs no second call."""
    without: tuple[str, ...] = ()
    """What the model's server was found not to have, since the run last began: caching, schemas, …"""
    usd: float = 0.0
    output_tokens: int = 0
    noise: tuple[float, ...] = ()
    """Standard deviations of paired gains of the changes decided so far."""
    failed: str | None = None
    paused: str | None = None
    done: bool = False
    graded: e.SubmissionGraded | None = None

    @property
    def finished(self) -> bool:
        """Whether the loop has nothing more to do: done, failed, or paused for money."""
        return self.done or self.failed is not None or self.paused is not None

    @property
    def time_left(self) -> float:
        """Seconds left of the run's time limit."""
        return self.settings.time_limit - self.seconds

    @property
    def search_folds(self) -> tuple[Fold, ...]:
        """The folds that refinement decides by."""
        if self.profile is None:
            return ()
        return tuple(Fold(number=k) for k in range(self.profile.folds.folds))

    @property
    def final_members(self) -> tuple[e.Member, ...]:
        """Who makes the submission: the ensemble where it was kept, else the best single solution."""
        if self.ensemble is not None:
            if self.ensemble_kept:
                return self.ensemble.members
            return (e.Member(solution=self.ensemble.single, weight=1.0),)
        one = self.best or self.looked
        return (e.Member(solution=one, weight=1.0),) if one else ()

    @property
    def looked(self) -> str | None:
        """The first prototype that has predictions from a tenth of the rows: better than none at all."""
        return next((s for s, candidate in self.candidates.items() if candidate.look is not None), None)

    @property
    def best(self) -> str | None:
        """The best solution so far: most folds first (a full score beats a glance), then the score.

        What was reverted is none, though its score may be higher: that was within the noise.
        """
        metric = self.competition.metric if self.competition else None
        best: Candidate | None = None
        for candidate in self.candidates.values():
            if metric is None or candidate.score is None or candidate.failure or candidate.verdict == "reverted":
                continue
            if best is None or best.score is None:
                best = candidate
                continue
            more, fewer = len(candidate.scores), len(best.scores)
            if more > fewer or (more == fewer and metric.better(candidate.score, best.score)):
                best = candidate
        return best.solution.id if best else None

    @property
    def reported(self) -> tuple[float | None, float | None]:
        """Score and standard error of the last choice: the blend where it was kept, else the best single one."""
        built = self.ensemble
        if built is None:
            return None, None
        return (built.score, built.error) if self.ensemble_kept else (built.single_score, built.single_error)

    def failed_first(self, solution: str) -> str:
        """Where a line of mends began: what failed before any of them, or had run before it failed."""
        candidate = self.candidates[solution]
        while not candidate.scored and candidate.solution.mends in self.candidates:
            candidate = self.candidates[candidate.solution.mends]
        return candidate.solution.id

    def mends_tried(self, solution: str) -> int:
        """How many mends of a solution, or of what it mends itself, were proposed and have not run."""
        first = self.failed_first(solution)
        return sum(s != first and self.failed_first(s) == first for s in self.candidates)

    def usual_noise(self, least: int = 3) -> float | None:
        """The median standard deviation of paired gains so far; None before `least` changes were decided."""
        if len(self.noise) < least:
            return None
        return sorted(self.noise)[len(self.noise) // 2]

    def search_scores(self, solution: str) -> list[float]:
        """The scores of a solution on the search folds it has, in the order of the folds."""
        scores = self.candidates[solution].scores
        return [scores[fold.key] for fold in self.search_folds if fold.key in scores]

    def gains_over(self, solution: str, rival: str) -> list[float]:
        """Paired gains of a solution over a rival on the folds that both have a score for."""
        if self.competition is None:
            return []
        new, old = self.candidates[solution].scores, self.candidates[rival].scores
        shared = [key for key in new if key in old]
        return paired_gains(self.competition.metric, [new[k] for k in shared], [old[k] for k in shared])


def ranking(state: RunState, solutions: Iterable[str]) -> list[str]:
    """Solutions that have a score, best first; equal scores in the order of proposal."""
    if state.competition is None:
        return []
    sign = -1.0 if state.competition.metric.direction == "maximize" else 1.0
    scored = [(sign * c.score, s) for s in solutions if (c := state.candidates[s]).score is not None]
    return [s for _, s in sorted(scored)]
