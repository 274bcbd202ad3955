"""Skills made out of learnings: new ones, and small edits of those that stand. Pure."""

import json
import re
from collections.abc import Collection

from haste.core.claim import claim_of, claim_of_learning
from haste.core.commits import one_line
from haste.core.condition import Condition
from haste.core.learning import Learning, Recipe, Verdict
from haste.core.metric import METRICS
from haste.core.pooling import Estimate, pool
from haste.core.scope import Scope
from haste.core.skill import Skill

_LONGEST_NAME, _LONGEST_DESCRIPTION, _LONGEST_TEXT = 64, 290, 170
_ENDS = {"helps": "", "hurts": "-hurts", "neutral": "-changes-nothing"}
_COMPETITIONS, _METRICS, _SCORE = "haste-competitions", "haste-metric", "haste-score"


def learning_to_skill(
    learning: Learning,
    verdict: Verdict,
    *,
    taken: Collection[str] = (),
    against: Skill | None = None,
    score: float | None = None,
) -> Skill:
    """The skill that a learning becomes under a verdict.

    `taken` are names that stand in the tree, `against` is the skill that it contradicts, and `score` what its run
    reached, for the next run of the same competition to beat.
    """
    scope = scope_of(verdict, against)
    recipe = learning.recipe
    if scope is not Scope.COMPETITION:
        recipe = recipe.model_copy(update={"plan": None})
    title = _plain(learning.title, 110).rstrip(".:;, ")
    metadata = {
        "haste-origin": f"run {learning.run}",
        "haste-engineer": learning.engineer,
        _METRICS: learning.metric,
        _COMPETITIONS: json.dumps([learning.competition]),
    }
    if score is not None and scope is Scope.COMPETITION:
        metadata[_SCORE] = repr(score)
    return Skill(
        name=_free_name(learning, scope, taken),
        description=_cut(f"{title}. Use when {_occasion(learning, scope)}.", _LONGEST_DESCRIPTION),
        scope=scope,
        owner={Scope.COMPETITION: learning.competition, Scope.DOMAIN: learning.domain}.get(scope, ""),
        body=_body(title, learning, scope),
        metadata={key: value for key, value in metadata.items() if value},
        recipe=recipe,
    )


def scope_of(verdict: Verdict, against: Skill | None = None) -> Scope:
    """Where a learning goes. One that contradicts a skill stands beside it, but never above its own domain."""
    if verdict.decision == "global":
        return Scope.GLOBAL
    if verdict.decision == "conflict":
        return Scope.COMPETITION if against and against.scope is Scope.COMPETITION else Scope.DOMAIN
    return Scope.DOMAIN if verdict.decision == "domain" else Scope.COMPETITION


def amended(skill: Skill, learning: Learning, *, score: float | None = None) -> Skill | None:
    """The standing skill with what a learning of the same claim adds to it; None where it adds nothing.

    A sighting in another competition is pooled with what is known and widens the conditions. One in the same
    competition is no new evidence; a competition's own skill takes over the plan of a better run.
    """
    if skill.scope is Scope.COMPETITION and skill.owner == learning.competition:
        return _outdone(skill, learning, score)
    seen = competitions_of(skill)
    if learning.competition in seen or not _backs(skill, learning):
        return None
    metrics = dict.fromkeys([*filter(None, skill.metadata.get(_METRICS, "").split(", ")), learning.metric])
    metadata = {
        **skill.metadata,
        _COMPETITIONS: json.dumps([*seen, learning.competition]),
        _METRICS: ", ".join(metrics),
    }
    recipe = _pooled(skill.recipe, learning, cited=skill.name in learning.skills) if skill.recipe else None
    return skill.model_copy(update={"metadata": metadata, "recipe": recipe})


def raised(skill: Skill, learning: Learning) -> Skill:
    """A domain's skill as a global one, with the learning that showed its reach."""
    wider = amended(skill, learning) or skill
    return wider.model_copy(update={"scope": Scope.GLOBAL, "owner": ""})


def competitions_of(skill: Skill) -> tuple[str, ...]:
    """Where the skill was seen to hold, as it says itself; empty for one written by hand."""
    try:
        told = json.loads(skill.metadata.get(_COMPETITIONS, "[]"))
    except ValueError:
        return ()
    return tuple(name for name in told if isinstance(name, str)) if isinstance(told, list) else ()


def told_conditions(conditions: Collection[Condition], metric: str = "") -> str:
    """Conditions as a clause that people read, the metric among them where none is named."""
    told = [str(condition).replace("_", " ") for condition in conditions]
    if metric and not any(condition.trait == "metric" for condition in conditions):
        told.append(f"the metric is {METRICS[metric].title if metric in METRICS else metric}")
    return " and ".join(told)


def _outdone(skill: Skill, learning: Learning, score: float | None) -> Skill | None:
    """The competition's skill with the better run's recipe."""
    metric = METRICS.get(learning.metric)
    try:
        before = float(skill.metadata.get(_SCORE, "nan"))
    except ValueError:
        before = float("nan")
    if metric is None or score is None or skill.recipe is None:
        return None
    if before == before and not metric.better(score, before):  # NaN is no score
        return None
    plan = learning.recipe.plan or skill.recipe.plan
    recipe = learning.recipe.model_copy(
        update={"plan": plan, "trials": skill.recipe.trials + learning.recipe.trials}
    )
    metadata = {**skill.metadata, _SCORE: repr(score)}
    return skill.model_copy(update={"recipe": recipe, "metadata": metadata})


def _backs(skill: Skill, learning: Learning) -> bool:
    """Whether the learning's number, not its words alone, speaks for the skill's sign."""
    if skill.recipe is None:
        return True
    gain, error = _towards(skill.recipe, learning), learning.recipe.error
    sign = {"helps": 1, "hurts": -1, "neutral": 0}[skill.recipe.effect]
    return error is not None and gain * sign > 0 and abs(gain) >= error


def _towards(recipe: Recipe, learning: Learning) -> float:
    """The learning's gain, as the skill's own wording of the change would have measured it."""
    polarity = claim_of(recipe).polarity * claim_of_learning(learning).polarity
    return polarity * learning.recipe.gain


def _pooled(recipe: Recipe, learning: Learning, *, cited: bool) -> Recipe:
    """The recipe with one more sighting; where the change cited the skill, its evidence holds that number."""
    conditions = widened(recipe.conditions, learning.recipe.conditions)
    if cited:
        return recipe.model_copy(update={"conditions": conditions})
    theirs = Estimate(gain=_towards(recipe, learning), error=learning.recipe.error)
    both = pool([Estimate(gain=recipe.gain, error=recipe.error), theirs]) or theirs
    return recipe.model_copy(
        update={
            "gain": round(both.gain, 6),
            "error": None if both.error is None else round(both.error, 6),
            "trials": recipe.trials + learning.recipe.trials,
            "conditions": conditions,
        }
    )


def widened(standing: Collection[Condition], seen: Collection[Condition]) -> tuple[Condition, ...]:
    """The standing conditions, each stretched as far as the other sighting of the same trait shows."""
    by_trait = {condition.trait: condition for condition in seen}
    return tuple(_hull(c, by_trait[c.trait]) if c.trait in by_trait else c for c in standing)


def _hull(a: Condition, b: Condition) -> Condition:
    if a.equals is not None or b.equals is not None:
        return a
    low = None if a.at_least is None or b.at_least is None else min(a.at_least, b.at_least)
    high = None if a.at_most is None or b.at_most is None else max(a.at_most, b.at_most)
    return a if low is None and high is None else a.model_copy(update={"at_least": low, "at_most": high})


def _free_name(learning: Learning, scope: Scope, taken: Collection[str]) -> str:
    """A name that says the change and its effect, unlike every other in the tree."""
    change = _slug(learning.recipe.move) or "learning"
    stem = change + _ENDS[learning.recipe.effect]
    if scope is Scope.COMPETITION:
        stem = f"{_slug(learning.competition)[:30].strip('-')}-{stem}"
    names = [stem, *([f"{stem}-in-{learning.domain}"] if scope is Scope.DOMAIN else [])]
    names += [f"{names[-1]}-{number}" for number in range(2, 1000)]
    folded = {name.casefold() for name in taken}
    fitting = (n if len(n) <= _LONGEST_NAME else _shortened(n) for n in names)
    return next(name for name in fitting if name not in folded)


def _shortened(name: str) -> str:
    head, tail = name[:40].rstrip("-"), name[-(_LONGEST_NAME - 41) :].lstrip("-")
    return f"{head}-{tail}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _occasion(learning: Learning, scope: Scope) -> str:
    if scope is Scope.COMPETITION:
        return f"running {learning.competition} again"
    conditions = told_conditions(learning.recipe.conditions)
    where = f", where {conditions}" if conditions else ""
    return (
        f"working on {learning.domain} data{where}" if scope is Scope.DOMAIN else f"solving any competition{where}"
    )


def _body(title: str, learning: Learning, scope: Scope) -> str:
    """What, when and where it may hurt. Numbers stand in the recipe, evidence in the log: neither is repeated."""
    recipe = learning.recipe
    conditions = told_conditions(recipe.conditions, learning.metric)
    settings = ", ".join(f"{key} {value}" for key, value in recipe.parameters.items())
    parts = [f"# {title}", f"**What.** {_words(learning.text)}"]
    if settings:
        parts.append(f"**Settings.** {_plain(settings, 200)}.")
    parts.append(f"**When.** Seen where {_plain(conditions, 400)}.")
    if scope is not Scope.COMPETITION:
        parts.append("**When it hurts.** Not known: nobody has tried it outside those conditions.")
    return "\n\n".join(parts)


def _words(text: str) -> str:
    spoken = _plain(text, 2000).split()
    return " ".join(spoken[:_LONGEST_TEXT]) + (" …" if len(spoken) > _LONGEST_TEXT else "")


def _plain(text: str, longest: int) -> str:
    """One line without fences, marks of other formats and what would end front matter early."""
    line = one_line(text).replace("```", "").replace("---", "–").replace("<", "‹").replace(">", "›")
    return _cut(line, longest)


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return text[:longest].rsplit(" ", 1)[0].rstrip(",;: ") + " …"
