"""Skills made out of learnings: their scope, name, description, body and provenance. Pure."""

import json
import re
from collections.abc import Collection

from haste.core.commits import one_line
from haste.core.condition import Condition
from haste.core.learning import Learning, Verdict
from haste.core.metric import METRICS
from haste.core.scope import Scope
from haste.core.skill import Skill

_LONGEST_NAME, _LONGEST_DESCRIPTION, _LONGEST_TEXT = 64, 290, 170
_ENDS = {"helps": "", "hurts": "-hurts", "neutral": "-changes-nothing"}
COMPETITIONS, METRIC, SCORE = "haste-competitions", "haste-metric", "haste-score"


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
        METRIC: learning.metric,
        COMPETITIONS: json.dumps([learning.competition]),
    }
    if score is not None and scope is Scope.COMPETITION:
        metadata[SCORE] = repr(score)
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


def told_conditions(conditions: Collection[Condition], metric: str = "") -> str:
    """Conditions as a clause that people read, the metric among them where none is named."""
    told = [str(condition).replace("_", " ") for condition in conditions]
    if metric and not any(condition.trait == "metric" for condition in conditions):
        told.append(f"the metric is {METRICS[metric].title if metric in METRICS else metric}")
    return " and ".join(told)


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
