"""Every event in one line of words, and figures as people read them."""

from collections.abc import Callable
from math import floor, log10
from typing import Any

from haste.cli.plain import clean
from haste.core import events as e
from haste.core.run import RunState
from haste.core.solution import Solution


def score_text(score: float | None, error: float | None = None) -> str:
    """A score, with its standard error where there is one: as many decimals as the error has sense for."""
    if score is None:
        return "–"
    if not error:
        return f"{score:.5g}"
    decimals = min(8, max(0, 1 - floor(log10(abs(error)))))
    return f"{score:.{decimals}f} ± {error:.{decimals}f}"


def graded_text(score: float | None, medal: str | None) -> str:
    """A grade, and the medal where the competition says what one takes."""
    return score_text(score) + ("" if medal in (None, "unknown") else f", medal: {medal}")


def gain_text(gain: float | None, error: float | None = None) -> str:
    """A gain with its sign; '' for none."""
    return "" if gain is None else f"{'+' if gain >= 0 else ''}{score_text(gain, error)}"


def seconds_text(seconds: float) -> str:
    """A duration: `8.3 s`, `4 min 12 s`, `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def count(number: int, one: str, many: str = "") -> str:
    """`1 change`, `2 changes`, `1,459 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def solution_text(solution: Solution) -> str:
    """A solution and what was changed in it."""
    return f"{solution.id} {solution.change.move}"


def tell(event: e.AnyEvent, state: RunState | None = None) -> str:
    """An event in one line. `state` is that after the event; it gives a solution's id its name."""
    words = _WORDS[type(event)](event)
    solution = getattr(event, "solution", None)
    if isinstance(solution, str) and state is not None and solution in state.candidates:
        words = words.replace(solution, solution_text(state.candidates[solution].solution), 1)
    return clean(words)


def is_noteworthy(event: e.AnyEvent) -> bool:
    """Whether a person who follows a run wants a line about it."""
    return not isinstance(event, _QUIET)


_QUIET = (e.FoldScored, e.EvaluationStarted, e.ModelAsked, e.ModelAnswered)


def _loaded(ev: e.SkillsLoaded) -> str:
    told = f"{count(len(ev.skills), 'skill')} loaded ({ev.arm}), {ev.tokens:,} tokens"
    places = (("global", "global"), ("domain", "of the domain"), ("competition", "of this competition"))
    found = [(words, [s.name for s in ev.skills if s.scope == scope]) for scope, words in places]
    parts = [f"{len(names)} {words}" for words, names in found if names]
    own = found[-1][1]
    return f"{told}: {', '.join(parts)}" + (f" ({', '.join(own)})" if own else "") if parts else told


def _started(ev: e.RunStarted) -> str:
    metric = ev.competition.metric
    better = "higher" if metric.direction == "maximize" else "lower"
    name = ev.competition.title or ev.competition.id
    return f"{name}: {metric.name} ({better} is better), engineer {ev.engineer}, seed {ev.settings.seed}"


def _profiled(ev: e.CompetitionProfiled) -> str:
    profile = ev.profile
    plan = profile.folds
    return (
        f"{profile.rows:,} rows, {count(len(profile.columns), 'column')}, {profile.task.value}; {plan.folds} "
        f"{plan.kind} folds" + (f", lockbox of {plan.lockbox_share:.0%}" if plan.lockbox_share else "")
    )


def _proposed(ev: e.SolutionProposed) -> str:
    solution = ev.solution
    origin = f" from {solution.parent}" if solution.parent else ""
    origin = f" mends {solution.mends}" if solution.mends else origin
    skills = f" [{', '.join(solution.reason.skills)}]" if solution.reason.skills else ""
    return f"{solution_text(solution)}{origin}: {solution.change.summary}{skills}"


def _scored(ev: e.SolutionScored) -> str:
    early = ", stopped early" if ev.stopped_early else ""
    return f"{ev.solution} scored {score_text(ev.score, ev.error)} on {count(ev.folds, 'fold')}{early}"


def _members(members: tuple[e.Member, ...]) -> str:
    return " + ".join(f"{m.solution} × {m.weight:.2g}" for m in members)


def _built(ev: e.EnsembleBuilt) -> str:
    return (
        f"blend {_members(ev.members)} scored {score_text(ev.score, ev.error)} on {ev.rows}; "
        f"{ev.single} alone {score_text(ev.single_score, ev.single_error)}"
    )


def _submitted(ev: e.SubmissionWritten) -> str:
    kind = "submission" if ev.final else "interim submission"
    made_of = _members(ev.members) or "plain averages, until a solution is scored"
    return f"{kind} of {count(ev.rows, 'row')}: {ev.path} ({made_of})"


def _answered(ev: e.ModelAnswered) -> str:
    return f"{ev.model} answered ({ev.purpose}): {ev.usage.output_tokens:,} tokens, ${ev.usd:.4f}"


def _round_finished(ev: e.RoundFinished) -> str:
    failed = "; ".join(f"{run} failed: {ev.reasons.get(run, '')}" for run in ev.failed)
    changed = f"{ev.promoted} promoted" + (f", {ev.retired} retired" if ev.retired else "")
    return f"round {ev.number} finished: {count(len(ev.finished), 'run')}, {changed}" + (
        f"; {failed}" * bool(failed)
    )


_WORDS: dict[type, Callable[[Any], str]] = {
    e.RunStarted: _started,
    e.RunResumed: lambda ev: "resumed" + "".join(f", {k} raised to {v:g}" for k, v in ev.raised.items()),
    e.RunFinished: lambda ev: f"finished: {score_text(ev.score, ev.error)}",
    e.RunFailed: lambda ev: f"failed: {ev.reason}",
    e.BudgetExhausted: lambda ev: f"budget of {ev.budget} is spent: {ev.detail}",
    e.CompetitionProfiled: _profiled,
    e.DomainChosen: lambda ev: f"domain {ev.domain}: {ev.why}",
    e.SkillsLoaded: _loaded,
    e.StageFinished: lambda ev: (
        f"{ev.stage}{'' if ev.track is None else f' of track {ev.track}'} done: {ev.reason}"
    ),
    e.ModelAsked: lambda ev: f"asking {ev.model} ({ev.purpose})" + (f", attempt {ev.attempt}" * (ev.attempt > 1)),
    e.ModelAnswered: _answered,
    e.ModelRefused: lambda ev: f"{ev.model} gave no answer ({ev.purpose}), {ev.kind}: {ev.message}",
    e.SolutionProposed: _proposed,
    e.SolutionRejected: lambda ev: f"no proposal to {ev.purpose}: {ev.reason}",
    e.EvaluationStarted: lambda ev: f"{ev.solution} runs on {count(len(ev.folds), 'view')} ({ev.sandbox})",
    e.FoldScored: lambda ev: (
        f"{ev.solution} fold {ev.fold.key}: {score_text(ev.score)} in {seconds_text(ev.seconds)}"
    ),
    e.EvaluationFailed: lambda ev: (
        f"{ev.solution} failed, {ev.failure.kind.value.replace('_', ' ')}: {ev.failure.message}"
    ),
    e.SolutionScored: _scored,
    e.ChangeKept: lambda ev: f"{ev.solution} kept: {ev.reason}",
    e.ChangeReverted: lambda ev: f"{ev.solution} reverted: {ev.reason}",
    e.EnsembleBuilt: _built,
    e.EnsembleKept: lambda ev: f"blend kept, {ev.gain:+.3g}",
    e.EnsembleDropped: lambda ev: f"blend dropped, {ev.gain:+.3g}: {ev.reason}",
    e.SubmissionWritten: _submitted,
    e.SubmissionGraded: lambda ev: f"graded {graded_text(ev.score, ev.medal)}",
    e.LearningRecorded: lambda ev: f"learned ({ev.learning.recipe.effect}): {ev.learning.title}",
    e.CurationStarted: lambda ev: f"judging what {count(len(ev.runs), 'run')} learned, on branch {ev.branch}",
    e.LearningJudged: lambda ev: (
        f"{ev.learning.title}: {ev.verdict.decision}"
        f"{f' ({ev.verdict.skill})' if ev.verdict.skill else ''}, {ev.verdict.reason}"
    ),
    e.SkillPromoted: lambda ev: f"{ev.skill} promoted to {ev.scope} ({ev.commit[:10]}): {ev.reason}",
    e.ConflictAnnotated: lambda ev: f"{ev.skill} contradicts {ev.other}; it holds where {ev.conditions}",
    e.SkillAmended: lambda ev: f"{ev.skill} amended ({ev.commit[:10]}): {ev.summary}",
    e.SkillRetired: lambda ev: f"{ev.skill} retired ({ev.commit[:10]}): {ev.reason}",
    e.PromotionReviewed: lambda ev: f"promotion {ev.promotion} {ev.decision} by {ev.by}: {ev.comment}",
    e.PromotionRolledBack: lambda ev: f"promotion {ev.promotion} of {ev.skill} rolled back: {ev.reason}",
    e.CurationFinished: lambda ev: f"judged{f', merged as {ev.merged[:10]}' if ev.merged else ''}: {ev.note}",
    e.CampaignStarted: lambda ev: f"campaign over {count(len(ev.competitions), 'competition')}",
    e.RoundStarted: lambda ev: (
        f"round {ev.number}: {', '.join(ev.runs.values())}"
        + (f", {seconds_text(ev.time_limit)} each" if ev.time_limit else "")
    ),
    e.RoundFinished: _round_finished,
    e.CampaignFinished: lambda ev: f"campaign finished: {ev.reason}",
}
