"""A text plan as a script: what goes into the templates, and which imports a script may need."""

from typing import Any

from haste.core.competition import UNPARTED
from haste.engineers.offline.outcome import SORTS, blending_context, outcome_context, shape_of
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.script import environment, literal, with_imports
from haste.engineers.offline.tabular.columns import columns_of
from haste.engineers.offline.text.plan import Member, MemberKind, Parameter, TextPlan, Vocabulary
from haste.engineers.offline.text.texts import has_unparted, texts_of

FUNCTIONS: dict[MemberKind, str] = {
    "logistic": "logistic",
    "ratios": "log_count_ratios",
    "bayes": "naive_bayes",
    "ridge": "ridge",
    "boosting": "boosted_trees",
    "kernel": "kernel_machine",
    "network": "network",
}
TITLES: dict[MemberKind, str] = {
    "logistic": "logistic regression",
    "ratios": "a linear model on log-count ratios",
    "bayes": "naive Bayes",
    "ridge": "ridge regression",
    "boosting": "boosted trees",
    "kernel": "a kernel machine",
    "network": "averaged embeddings",
}
FLAVOURS = {"multinomial": "MultinomialNB", "complement": "ComplementNB", "bernoulli": "BernoulliNB"}
IMPORTS = SORTS | {
    "lgb": "import lightgbm as lgb",
    "torch": "import torch",
    "nn": "from torch import",
    "sparse": "from scipy import",
    "TransformedTargetRegressor": "from sklearn.compose import",
    "TruncatedSVD": "from sklearn.decomposition import",
    "CountVectorizer": "from sklearn.feature_extraction.text import",
    "TfidfTransformer": "from sklearn.feature_extraction.text import",
    "TfidfVectorizer": "from sklearn.feature_extraction.text import",
    "LinearRegression": "from sklearn.linear_model import",
    "LogisticRegression": "from sklearn.linear_model import",
    "Ridge": "from sklearn.linear_model import",
    "BernoulliNB": "from sklearn.naive_bayes import",
    "ComplementNB": "from sklearn.naive_bayes import",
    "MultinomialNB": "from sklearn.naive_bayes import",
    "make_pipeline": "from sklearn.pipeline import",
    "StandardScaler": "from sklearn.preprocessing import",
    "normalize": "from sklearn.preprocessing import",
    "SVR": "from sklearn.svm import",
}


def render(plan: TextPlan, problem: Problem) -> str:
    """The script of a plan."""
    template = environment().get_template("text/script.py.j2")
    return with_imports(_title(plan, problem), template.render(_context(plan, problem)), IMPORTS)


def _title(plan: TextPlan, problem: Problem) -> str:
    names = list(dict.fromkeys(TITLES[m.kind] for m in plan.members))
    told = names[0] if len(names) == 1 else f"{names[0]} and {names[1]}" if len(names) == 2 else ""
    told = told or f"{names[0]} and {len(plan.members) - 1} other members"
    units = [u for u in ("words", "characters") if any(v.unit == u for v in plan.vocabularies)]
    read = f" on n-grams of {' and '.join(units)}" if units else " on what texts are about and how they look"
    how = "" if plan.blend == "mean" else ", stacked"
    target = " and ".join(problem.competition.targets[:3])
    return f"{told[:1].upper()}{told[1:]}{read}{how}, for {target}.".replace('"', "'").replace("\\", "/")


def _context(plan: TextPlan, problem: Problem) -> dict[str, Any]:
    shape, columns = shape_of(problem), columns_of(problem)
    tuned = plan.decode == "tuned" and plan.inner >= 2
    kinds = list(dict.fromkeys(m.kind for m in plan.members))
    return {
        **outcome_context(problem, inner=plan.inner, held_out=tuned),
        "plan": plan,
        "texts": list(texts_of(problem)),
        "kinds": kinds,
        "kept": set(kinds) != {"bayes"},
        "members": [_member(m) for m in plan.members],
        "vocabularies": [_vocabulary(v, plan) for v in plan.vocabularies],
        "words": any(v.unit == "words" for v in plan.vocabularies) or "components" in plan.blocks,
        "unparted": UNPARTED if has_unparted(problem) else "",
        "blocks": plan.blocks,
        "table": "columns" in plan.blocks,
        "numeric": list(columns.numeric),
        "categorical": list(columns.categorical),
        "threads": bool({"boosting", "network"} & set(kinds)) or plan.blend == "boosted",
        "present": "np.unique(y[fit])" if shape.rare else "range(len(CLASSES))",
        **blending_context(problem, len(plan.members), inner=plan.inner, blend=plan.blend, tuned=tuned),
    }


def _vocabulary(vocabulary: Vocabulary, plan: TextPlan) -> dict[str, Any]:
    readers = [m for m in plan.members if vocabulary in m.reads]
    sorts = {_sort(m) for m in readers}
    return {
        "name": vocabulary.name,
        "counter": _counter(vocabulary),
        "marks": "marks" in sorts,
        "counts": "counts" in sorts,
        "weights": "weights" in sorts,
    }


def _counter(vocabulary: Vocabulary) -> str:
    parts = [] if vocabulary.unit == "words" else ['analyzer="char"']
    parts.append(f"ngram_range=({vocabulary.lowest}, {vocabulary.highest})")
    parts += ["token_pattern=TOKEN"] if vocabulary.unit == "words" else []
    parts += [] if vocabulary.lowercase else ["lowercase=False"]
    parts += [f"min_df={vocabulary.rare}"] if vocabulary.rare > 1 else []
    parts += [f"max_features={vocabulary.most}"] if vocabulary.most else []
    return f"CountVectorizer({', '.join(parts)})"


def _sort(member: Member) -> str:
    """What of a vocabulary a member reads: 0/1 marks, counts, or TF-IDF weights."""
    if member.kind in ("ratios", "network") or member.parameters.get("flavour") == "bernoulli":
        return "marks"
    return "counts" if member.parameters.get("flavour") == "complement" else "weights"


def _member(member: Member) -> dict[str, str]:
    names = [f"{v.name}_{_sort(member)}" for v in member.reads] + list(member.dense)
    if member.reads:
        reads = names[0] if len(names) == 1 else f"sparse.hstack([{', '.join(names)}]).tocsr()"
    else:
        reads = names[0] if len(names) == 1 else f"np.hstack([{', '.join(names)}])"
    return {"function": FUNCTIONS[member.kind], "reads": reads, "options": _options(member)}


def _options(member: Member) -> str:
    own = member.parameters
    if member.kind == "bayes":
        flavour = str(own.get("flavour", "multinomial"))
        alpha = own.get("alpha", 0.03 if flavour == "multinomial" else 0.3)
        return f'{{"model": {FLAVOURS[flavour]}(alpha={alpha})}}'
    defaults: dict[MemberKind, dict[Parameter, float]] = {
        "logistic": {"C": 10.0},
        "ratios": {"C": 30.0},
        "ridge": {"alpha": 1.0},
        "boosting": {"rounds": 1000, "rate": 0.1},
        "kernel": {"C": 1.0},
        "network": {"width": 32, "epochs": 6},
    }
    return literal({name: own.get(name, value) for name, value in defaults[member.kind].items()})
