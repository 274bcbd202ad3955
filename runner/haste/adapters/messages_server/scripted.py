"""A scripted Claude: drafts, edits, mends, escalates, distils and judges by rule, for tables and prose.

It reads nothing but the prompt, as a model does, and answers in the form that the prompt asks for. It makes
mistakes too: a planted bug that it mends when it is told how the script failed, and, if it is clumsy, an edit that
matches nothing until it is told so.
"""

import json
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

from haste.adapters.messages_server.reading import (
    Facts,
    changes_in,
    effect_of,
    facts_of,
    fenced,
    outside,
    question_of,
    solutions_in,
    tried_in,
)
from haste.adapters.messages_server.wire import Fault, Reply, Request

_MODELS: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "tabular": (
        ("tabular_linear", "linear", ("from sklearn.linear_model import LogisticRegression, Ridge",)),
        ("tabular_boosting", "boosting", ("from lightgbm import LGBMClassifier, LGBMRegressor",)),
        ("tabular_forest", "forest", ("from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor",)),
    ),
    "text": (
        (
            "text_words",
            "linear words",
            (
                "from scipy.sparse import hstack",
                "from sklearn.feature_extraction.text import TfidfVectorizer",
                "from sklearn.linear_model import LogisticRegression, Ridge",
            ),
        ),
        (
            "text_counts",
            "naive bayes",
            (
                "from sklearn.feature_extraction.text import CountVectorizer",
                "from sklearn.linear_model import Ridge",
                "from sklearn.naive_bayes import MultinomialNB",
            ),
        ),
        (
            "text_boosting",
            "boosting",
            (
                "from lightgbm import LGBMClassifier, LGBMRegressor",
                "from sklearn.decomposition import TruncatedSVD",
                "from sklearn.feature_extraction.text import TfidfVectorizer",
            ),
        ),
    ),
}


class ScriptedClaude:
    """Answers every question of the Claude engineer. `whole` sends whole scripts instead of edits."""

    def __init__(self, *, clumsy: bool = True, whole: bool = False) -> None:
        self._clumsy = clumsy
        self._whole = whole

    def __call__(self, request: Request) -> Reply | Fault:
        """The answer to a request."""
        users = [text for role, text in request.turns if role == "user"]
        if not users:
            return Fault(400, "invalid_request_error", "messages: at least one message is required")
        question, corrected = question_of(users[0]), len(users) > 1
        if question == "draft":
            return Reply(self._draft(users[0]))
        if question == "improve":
            return Reply(self._improve(users[0], corrected))
        if question == "debug":
            return Reply(self._debug(users[0]))
        if question == "distil":
            return Reply(_learnings(users[0]))
        if question == "judge":
            return Reply(_verdict(users[0]))
        if question == "domain":
            return Reply(_domain(users[0]))
        return Reply("Understood.")

    def _draft(self, text: str) -> str:
        facts = facts_of(text)
        number = int(outside(text).partition("# Task: prototype ")[2].split()[0]) - 1
        models = _MODELS["text" if facts.domain == "text" else "tabular"]
        name, approach, imports = models[number % len(models)]
        summary = f"A {approach} model, as a start."
        header = _header(name.replace("_", "-"), summary, approach, None, "model")
        return f"{header}```python\n{script_of(facts, name, imports, summary)}```\n"

    def _improve(self, text: str, corrected: bool) -> str:
        script, history = fenced(text, "script "), fenced(text, "history of this run")
        change = next_change(script, history)
        search, replace = change["search"], change["replace"]
        header = _header(change["move"], change["summary"], "", change["diagnosis"], change["part"])
        if self._whole:
            return f"{header}```python\n{script.replace(search, replace, 1)}\n```\n"
        if self._clumsy and not corrected and not tried_in(history):
            search = f"{search}  # as it was"
        return header + _edit(search, replace)

    def _debug(self, text: str) -> str:
        script = fenced(text, "script ")
        for change in changes():
            mend = change.get("mend")
            if mend and mend["search"] in script:
                line = next(one for one in script.split("\n") if mend["search"] in one)
                header = _header("mend-a-name", "A misspelled name is put right.", "", None, change["part"])
                return header + _edit(line, line.replace(mend["search"], mend["replace"]))
        header = _header("nothing-to-mend", "The cause is not in this script's text.", "", None, "model")
        return header + _edit(script.split("\n")[0], script.split("\n")[0] + "  ")


@cache
def changes() -> list[dict[str, Any]]:
    """The edits that are tried, in order."""
    found: list[dict[str, Any]] = json.loads(_file("changes.json"))
    return found


def next_change(script: str, history: str) -> dict[str, Any]:
    """The first change that fits the script and that the history does not show."""
    tried = tried_in(history)
    fitting = [c for c in changes() if c["search"] in script.split("\n")]
    fresh = [c for c in fitting if c["move"] not in tried]
    if fresh:
        return fresh[0]
    seeds = [line for line in script.split("\n") if line.startswith("SEED = ")]
    line = seeds[0] if seeds else script.split("\n")[0]
    number = 10 + solutions_in(history)
    last = next(c for c in changes() if c["move"] == "another-seed")
    return last | {"move": f"seed-{number}", "search": line, "replace": f"SEED = {number}" if seeds else line + " "}


def script_of(facts: Facts, model: str, imports: tuple[str, ...], title: str) -> str:
    """A whole solution out of its pieces."""
    head = Template(_file("head.py.txt")).substitute(
        title=title, imports="\n".join(imports), train=repr(facts.train), test=repr(facts.test),
        sample=repr(facts.sample), id=repr(facts.id_column), target=repr(facts.target), kind=repr(facts.kind.value),
    )  # fmt: skip
    features = "text_features.py.txt" if model.startswith("text_") else "tabular_features.py.txt"
    return head + _file(features) + _file(f"{model}.py.txt") + _file("tail.py.txt")


@cache
def _file(name: str) -> str:
    return files("haste.adapters.messages_server").joinpath("scripts", name).read_text("utf-8")


def _header(move: str, summary: str, approach: str, diagnosis: str | None, part: str) -> str:
    said: dict[str, Any] = {
        "move": move,
        "summary": summary,
        "approach": approach,
        "diagnosis": diagnosis,
        "skills": [],
        "part": part,
    }
    return f"```json\n{json.dumps(said, indent=1)}\n```\n\n"


def _edit(search: str, replace: str) -> str:
    return f"<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n"


def _learnings(text: str) -> str:
    shown = changes_in(fenced(text, "all solutions of this run"))
    kept = [c for c in shown if c[3].startswith("kept")]
    lost = [c for c in shown if not c[3].startswith("kept")]
    chosen = [*kept[:3], *lost[: 5 - len(kept[:3])]]
    said = [_learning(*one) for one in chosen]
    if not said:
        said = [_learning("s001", "plain-start", "", "scored")]
    return json.dumps({"learnings": said})


def _learning(solution: str, move: str, _: str, outcome: str) -> dict[str, Any]:
    effect = effect_of(outcome)
    change = next((c for c in changes() if c["move"] == move), {"summary": "It was tried.", "part": "model"})
    title, lesson = {
        "helps": ("helps", "The paired folds bore it out, so it is worth trying early on data like this."),
        "hurts": ("hurts", "The paired folds spoke against it; leave it on data like this."),
        "neutral": ("changes little", "What it moved is within the noise of the folds; leave it for later."),
    }[effect]
    return {
        "title": f"{move.replace('-', ' ')} {title}",
        "text": f"{change['summary']} {lesson}",
        "move": move,
        "effect": effect,
        "solutions": [solution],
        "tier": "domain" if effect == "helps" else "competition",
        "conditions": [],
    }


def _verdict(text: str) -> str:
    learning, inventory = fenced(text, "learning"), fenced(text, "inventory of skills")
    move = learning.partition("Move: ")[2].split(" (")[0]
    known = next((line[2:].split(" (")[0] for line in inventory.split("\n") if move and f"[{move} " in line), None)
    if known:
        said: dict[str, Any] = {"decision": "skip", "reason": f"{known} says it already.", "skill": known}
    elif "(helps)" in learning:
        said = {"decision": "domain", "reason": "Its sign is clear and nothing ties it down.", "skill": None}
    else:
        said = {"decision": "competition", "reason": "What it shows is within its error.", "skill": None}
    return json.dumps(said)


def _domain(text: str) -> str:
    columns = fenced(text, "columns of the tables").split("\n")
    kinds = [line.split(" | ")[1] for line in columns if line.count(" | ") >= 2]
    prose = kinds.count("text")
    domain = "text" if prose and len(kinds) - prose <= 2 * prose else "tabular"
    return json.dumps({"domain": domain, "why": f"{prose} of {len(kinds)} columns hold prose."})
