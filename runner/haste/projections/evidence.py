"""What the logs say about each version of each skill: who loaded it, who cited it, and what came of that."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from haste.core import events as e
from haste.core.claim import same_recipe
from haste.core.condition import Traits, all_hold
from haste.core.learning import Recipe
from haste.core.model import Frozen
from haste.core.pooling import Estimate, measured, over, pool
from haste.core.skill import Elsewhere, Evidence, Skill, Tries
from haste.core.solution import KNOWN_MOVES, Change
from haste.core.statistics import mean, standard_error

Streams = Iterable[tuple[str, Sequence[e.Recorded]]]


class Trial(Frozen):
    """One change that was decided about, with the skills that it cites."""

    run: str
    competition: str
    engineer: str
    solution: str
    position: int
    """Of the decision in the run's stream."""
    change: Change
    kept: bool
    on_prototype: bool
    """Whether nothing had been changed in its parent before."""
    effect: Estimate | None
    """Relative gain over its parent; None for a change that never ran."""
    cited: tuple[str, ...] = ()
    """`name@version` of each skill it cites."""
    loaded: tuple[str, ...] = ()
    """Every skill that its run had loaded: what it shows of those is no independent evidence."""


@dataclass(frozen=True)
class _Proposal:
    """What is remembered of a proposal until it is decided about."""

    change: Change
    cited: tuple[str, ...]
    on_prototype: bool


@dataclass(frozen=True)
class RunReading:
    """What one run's stream says about skills."""

    run: str
    began: str = ""
    competition: str = ""
    metric: str = ""
    engineer: str = ""
    loaded: Mapping[str, str] | None = None
    """`name@version` by name."""
    citations: tuple[tuple[str, ...], ...] = ()
    """For each proposal, the skills that it cites."""
    trials: tuple[Trial, ...] = ()
    traits: Traits | None = None
    """Of its data; None for a run that came to an end before its profile."""


def read_run(run: str, recorded: Iterable[e.Recorded]) -> RunReading:
    """Read one run's stream."""
    reading = RunReading(run)
    proposals: dict[str, _Proposal] = {}
    fresh: set[str] = set()
    folds: dict[str, int] = {}
    for one in recorded:
        event = one.event
        if isinstance(event, e.RunStarted):
            told = event.competition
            reading = replace(reading, began=one.envelope.at, engineer=event.engineer)
            reading = replace(reading, competition=told.id, metric=told.metric_name)
        elif isinstance(event, e.CompetitionProfiled):
            reading = replace(reading, traits=event.profile.traits)
        elif isinstance(event, e.SkillsLoaded):
            reading = replace(reading, loaded={s.name: f"{s.name}@{s.version}" for s in event.skills})
        elif isinstance(event, e.SolutionProposed):
            solution = event.solution
            named = tuple(dict.fromkeys(key for s in solution.reason.skills if (key := _key(reading, s))))
            mended = proposals.get(solution.mends or "")
            cited = tuple(dict.fromkeys((*mended.cited, *named))) if mended else named
            change = mended.change if mended else solution.change
            proposals[solution.id] = _Proposal(change, cited, solution.parent in fresh)
            if solution.is_fresh:
                fresh.add(solution.id)
            if solution.mends is None:
                reading = replace(reading, citations=(*reading.citations, named))
        elif isinstance(event, e.SolutionScored):
            folds[event.solution] = event.folds
        elif isinstance(event, e.ChangeKept | e.ChangeReverted) and event.solution in proposals:
            effect = _relative(event, folds.get(event.solution, 1))
            trial = _trial(reading, one.envelope.position, event, proposals[event.solution], effect)
            reading = replace(reading, trials=(*reading.trials, trial))
    return reading


def _key(reading: RunReading, name: str) -> str | None:
    return (reading.loaded or {}).get(skill_name(name))


def _trial(
    reading: RunReading,
    position: int,
    event: e.ChangeKept | e.ChangeReverted,
    proposal: _Proposal,
    effect: Estimate | None,
) -> Trial:
    if effect is not None and proposal.change.move == KNOWN_MOVES:
        effect = effect.shared(len(proposal.cited))
    return Trial(
        run=reading.run,
        competition=reading.competition,
        engineer=reading.engineer,
        solution=event.solution,
        position=position,
        change=proposal.change,
        kept=isinstance(event, e.ChangeKept),
        on_prototype=proposal.on_prototype,
        effect=effect,
        cited=proposal.cited,
        loaded=tuple((reading.loaded or {}).values()),
    )


def _relative(event: e.ChangeKept | e.ChangeReverted, folds: int) -> Estimate | None:
    if event.relative_gain is None:
        return None
    scaled = abs(event.error * event.relative_gain / event.gain) if event.error is not None and event.gain else None
    return measured(event.relative_gain, scaled, folds)


def read_runs(streams: Streams) -> list[RunReading]:
    """Read every run's stream."""
    return [read_run(run, recorded) for run, recorded in streams]


def trials(streams: Streams) -> list[Trial]:
    """Every decided change of every run."""
    return [trial for reading in read_runs(streams) for trial in reading.trials]


def evidence(streams: Streams, skills: Iterable[Skill] = ()) -> dict[str, Evidence]:
    """Evidence by `name@version`: of every skill that a run has loaded, and of these whose change one has tried."""
    readings = read_runs(streams)
    found = by_version(readings)
    for skill in skills:
        if without := seen_without(skill, readings):
            key = f"{skill.name}@{skill.version}"
            found[key] = found.get(key, Evidence()).model_copy(update={"without": without})
    return found


def seen_without(skill: Skill, readings: Iterable[RunReading]) -> tuple[Elsewhere, ...]:
    """What each competition saw of exactly the skill's move, in runs that had not loaded it.

    A try that never ran has no effect, and was not kept.
    """
    recipe = skill.recipe
    if recipe is None:
        return ()
    tries: dict[str, list[Trial]] = {}
    about: dict[str, RunReading] = {}
    for reading in readings:
        alike = [trial for trial in reading.trials if trial.change.move == recipe.move]
        if reading.traits is not None and (own := independent(skill, alike)):
            tries.setdefault(reading.competition, []).extend(own)
            about[reading.competition] = reading
    return tuple(_elsewhere(recipe, about[name], tries[name]) for name in sorted(tries))


def _elsewhere(recipe: Recipe, about: RunReading, own: Sequence[Trial]) -> Elsewhere:
    return Elsewhere(
        competition=about.competition,
        metric=about.metric,
        meets=all_hold(recipe.conditions, about.traits or {}),
        on_prototypes=_counted(trial for trial in own if trial.on_prototype),
        on_changes=_counted(trial for trial in own if not trial.on_prototype),
        effect=effect_of(own),
    )


def _counted(found: Iterable[Trial]) -> Tries:
    kept = [trial.kept for trial in found]
    return Tries(of=len(kept), kept=sum(kept))


def by_version(readings: Sequence[RunReading]) -> dict[str, Evidence]:
    """Evidence by `name@version`."""
    return _by_key(readings, lambda key: key)


def by_name(readings: Sequence[RunReading], since: Mapping[str, str] | None = None) -> dict[str, Evidence]:
    """Evidence by name, over all versions of a skill: an amended one keeps what it has earned.

    Of a skill in `since`, only runs that began after that time count.
    """
    found = _by_key(readings, skill_name)
    for name, at in (since or {}).items():
        found[name] = _evidence(name, [one for one in readings if one.began > at], skill_name)
    return found


def kept_share(readings: Sequence[RunReading]) -> float:
    """The share of all decided changes that was kept; 0.0 before any was."""
    found = [trial.kept for reading in readings for trial in reading.trials]
    return mean(found)


def skill_name(key: str) -> str:
    """The name in `name@version`."""
    return key.partition("@")[0]


def _by_key(readings: Sequence[RunReading], key: Callable[[str], str]) -> dict[str, Evidence]:
    keys = sorted({key(one) for r in readings for one in (r.loaded or {}).values()})
    return {wanted: _evidence(wanted, readings, key) for wanted in keys}


def _evidence(wanted: str, readings: Sequence[RunReading], key: Callable[[str], str]) -> Evidence:
    def names(cited: Iterable[str]) -> bool:
        return any(key(one) == wanted for one in cited)

    loaded = [r for r in readings if names((r.loaded or {}).values())]
    found = [t for r in loaded for t in r.trials if names(t.cited)]
    effect = effect_of(found)
    citing = [r for r in loaded if any(names(cited) for cited in r.citations)]
    return Evidence(
        loaded=len(loaded),
        cited=sum(names(cited) for r in loaded for cited in r.citations),
        kept=sum(t.kept for t in found),
        reverted=sum(not t.kept for t in found),
        gain=effect.gain if effect else 0.0,
        error=effect.error if effect else None,
        competitions=tuple(sorted({t.competition for t in found})),
        engineers=tuple(sorted({r.engineer for r in citing})),
    )


def effect_of(found: Sequence[Trial]) -> Estimate | None:
    """What trials say together: pooled within each competition first, so that many runs of one count once."""
    by_competition: dict[str, list[Estimate]] = {}
    for trial in found:
        if trial.effect is not None:
            by_competition.setdefault(trial.competition, []).append(trial.effect)
    merged = [pool(effects) or _plain(effects) for effects in by_competition.values()]
    return (over(merged) or _plain(merged)) if merged else None


def _plain(effects: Sequence[Estimate]) -> Estimate:
    gains = [effect.gain for effect in effects]
    return Estimate(gain=mean(gains), error=standard_error(gains))


def independent(skill: Skill, found: Iterable[Trial]) -> list[Trial]:
    """Trials of the skill's own change in runs that had not loaded the skill, in any version of it."""
    if skill.recipe is None:
        return []
    return [
        t
        for t in found
        if same_recipe(skill.recipe, _recipe(t)) and all(skill_name(k) != skill.name for k in t.loaded)
    ]


def _recipe(trial: Trial) -> Recipe:
    return Recipe(move=trial.change.move, parameters=trial.change.parameters)
