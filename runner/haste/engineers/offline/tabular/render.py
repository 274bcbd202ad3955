"""A tabular plan as a script: what goes into the templates, and which imports a script may need."""

from functools import partial
from typing import Any

from haste.core.competition import ColumnKind
from haste.engineers.offline.outcome import (
    SORTS,
    Shape,
    answer_of,
    as_read,
    finished,
    groups,
    is_grouped,
    is_stratified,
    labels_of,
    shape_of,
)
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.script import environment, literal, with_imports
from haste.engineers.offline.tabular import models
from haste.engineers.offline.tabular.columns import columns_of, day_first
from haste.engineers.offline.tabular.plan import ON_SCALED, SUPERVISED, ModelKind, Step, StepKind, TabularPlan

FUNCTIONS: dict[ModelKind, str] = {
    "lightgbm": "lightgbm_trees",
    "catboost": "catboost_trees",
    "xgboost": "xgboost_trees",
    "extra-trees": "extra_trees",
    "random-forest": "random_forest",
    "linear": "linear",
    "svm": "kernel_machine",
    "gaussian-process": "gaussian_process",
    "discriminant": "discriminant",
    "neighbours": "neighbours",
    "network": "network",
}
TITLES: dict[ModelKind, str] = {
    "lightgbm": "LightGBM",
    "catboost": "CatBoost",
    "xgboost": "XGBoost",
    "extra-trees": "extra trees",
    "random-forest": "a random forest",
    "linear": "a linear model",
    "svm": "a kernel machine",
    "gaussian-process": "a Gaussian process",
    "discriminant": "linear discriminants",
    "neighbours": "nearest neighbours",
    "network": "a small network",
}
ON_CODES: frozenset[ModelKind] = frozenset({"lightgbm", "xgboost", "extra-trees", "random-forest"})
MAKES_CATEGORIES: frozenset[StepKind] = frozenset(
    {"category-pairs", "letters-and-digits", "numbers-as-categories", "split-strings", "titles"}
)
SCALERS = {
    "standard": "StandardScaler()",
    "quantile": (
        "QuantileTransformer(\n"
        '        n_quantiles=min(200, len(X)), output_distribution="normal", random_state=SEED\n'
        "    )"
    ),
    "power": "PowerTransformer()",
}
IMPORTS: dict[str, str] = SORTS | {
    "itertools": "import itertools",
    "GroupShuffleSplit": "from sklearn.model_selection import",
    "KDTree": "from scipy.spatial import",
    "json": "import json",
    "lgb": "import lightgbm as lgb",
    "CatBoostClassifier": "from catboost import",
    "CatBoostRegressor": "from catboost import",
    "XGBClassifier": "from xgboost import",
    "XGBRegressor": "from xgboost import",
    "KMeans": "from sklearn.cluster import",
    "CalibratedClassifierCV": "from sklearn.calibration import",
    "TransformedTargetRegressor": "from sklearn.compose import",
    "make_column_transformer": "from sklearn.compose import",
    "PCA": "from sklearn.decomposition import",
    "TruncatedSVD": "from sklearn.decomposition import",
    "LinearDiscriminantAnalysis": "from sklearn.discriminant_analysis import",
    "TfidfVectorizer": "from sklearn.feature_extraction.text import",
    "GaussianProcessClassifier": "from sklearn.gaussian_process import",
    "GaussianProcessRegressor": "from sklearn.gaussian_process import",
    "RBF": "from sklearn.gaussian_process.kernels import",
    "Matern": "from sklearn.gaussian_process.kernels import",
    "WhiteKernel": "from sklearn.gaussian_process.kernels import",
    "SimpleImputer": "from sklearn.impute import",
    "LogisticRegression": "from sklearn.linear_model import",
    "RidgeCV": "from sklearn.linear_model import",
    "KNeighborsClassifier": "from sklearn.neighbors import",
    "KNeighborsRegressor": "from sklearn.neighbors import",
    "NearestNeighbors": "from sklearn.neighbors import",
    "MLPClassifier": "from sklearn.neural_network import",
    "MLPRegressor": "from sklearn.neural_network import",
    "make_pipeline": "from sklearn.pipeline import",
    "OneHotEncoder": "from sklearn.preprocessing import",
    "PowerTransformer": "from sklearn.preprocessing import",
    "QuantileTransformer": "from sklearn.preprocessing import",
    "StandardScaler": "from sklearn.preprocessing import",
    "TargetEncoder": "from sklearn.preprocessing import",
    "SVC": "from sklearn.svm import",
    "SVR": "from sklearn.svm import",
    "ExtraTreesClassifier": "from sklearn.ensemble import",
    "ExtraTreesRegressor": "from sklearn.ensemble import",
    "RandomForestClassifier": "from sklearn.ensemble import",
    "RandomForestRegressor": "from sklearn.ensemble import",
}


def render(plan: TabularPlan, problem: Problem) -> str:
    """The script of a plan."""
    template = environment().get_template("tabular/script.py.j2")
    return with_imports(_title(plan, problem), template.render(_context(plan, problem)), IMPORTS)


def _title(plan: TabularPlan, problem: Problem) -> str:
    names = [TITLES[m.kind] for m in plan.models]
    told = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
    target = " and ".join(problem.competition.targets[:3])
    how = f", averaged over {plan.inner} folds" if plan.inner and not plan.refitted else ""
    return f"{told[:1].upper()}{told[1:]} for {target}{how}.".replace('"', "'").replace("\\", "/")


def _context(plan: TabularPlan, problem: Problem) -> dict[str, Any]:
    shape, competition, columns = shape_of(problem), problem.competition, columns_of(problem)
    kinds = {model.kind for model in plan.models}
    categorical = [c for c in columns.categorical if c not in plan.drop]
    supervised = [step for step in plan.steps if step.kind in SUPERVISED]
    context: dict[str, Any] = {
        **shape.__dict__,
        "classifier": shape.classifier,
        "plan": plan,
        "models": plan.models,
        "functions": [FUNCTIONS[m.kind] for m in plan.models],
        "refitted": [FUNCTIONS[kind] for kind in plan.refitted],
        "id": competition.id_column,
        "targets": list(competition.targets),
        "predicted": list(competition.prediction_columns),
        "answer": answer_of(competition),
        "classes": list(problem.profile.classes) if not shape.many else [],
        "grades": [int(float(c)) for c in problem.profile.classes] if shape.ordinal else [],
        "read_train": as_read(competition.train, labels_of(problem, shape)),
        "read_test": as_read(competition.test, []),
        "finish": partial(finished, problem),
        "grouped": is_grouped(problem) and bool(plan.inner or "lightgbm" in kinds or supervised),
        "groups": groups(problem),
        "numeric": [c for c in columns.numeric if c not in plan.drop],
        "categorical": categorical,
        "plain_steps": [s for s in plan.steps if s.kind not in SUPERVISED],
        "supervised_steps": supervised,
        "trees": bool(kinds & ON_CODES),
        "dense": bool(kinds & ON_SCALED),
        "native": "lightgbm" in kinds,
        "categories": bool(categorical) or any(s.kind in MAKES_CATEGORIES for s in plan.steps),
        "threads": _uses_threads(plan, problem),
        "probabilities": shape.multiclass and (bool(kinds - {"lightgbm"}) or plan.has("neighbour-targets")),
        "scaler": SCALERS[plan.scale],
        "min_frequency": 3 if problem.profile.rows < 3000 else 10,
    }
    return context | _phrases(plan, problem, shape) | _constructors(plan, problem, shape)


def _uses_threads(plan: TabularPlan, problem: Problem) -> bool:
    threaded = {"catboost", "xgboost", "extra-trees", "random-forest", "neighbours"}
    if not models.is_small(problem):
        threaded.add("lightgbm")
    return bool(threaded & {m.kind for m in plan.models}) or plan.has("neighbour-targets")


def _phrases(plan: TabularPlan, problem: Problem, shape: Shape) -> dict[str, Any]:
    """Pieces of source that depend on how the plan validates inside."""
    folded = ", fit, hold" if plan.inner else ""
    reads = [_table(model.kind, plan) for model in plan.models]
    return {
        "folded": folded,
        "splitter": _splitter(problem, shape, plan.inner),
        "aside": _aside(problem, shape),
        "reads": reads,
        "calls": [f"{FUNCTIONS[m.kind]}({x}, y)" for m, x in zip(plan.models, reads, strict=True)],
        "predict": partial(_predict, shape),
        "forward": partial(_forward, plan),
        "metric": problem.metric.name,
        "encoder_target": "multiclass" if shape.multiclass else "binary" if shape.binary else "continuous",
        "neighbour_cross": _neighbour_cross(problem, shape),
        "encoder_cross": _cross(problem, 5),
        "order": _order(problem),
        "train_files": _files(problem, "train"),
        "test_files": _files(problem, "test"),
        "windows": lambda step: [int(p) for p in step.parts],
        "neighbour_counts": lambda step: [int(p) for p in step.parts],
        "periods": _periods,
        "day_first": lambda step: "dayfirst=True, " if day_first(problem, step.columns) else "",
    }


def _constructors(plan: TabularPlan, problem: Problem, shape: Shape) -> dict[str, Any]:
    return {
        "lightgbm": lambda m: models.lightgbm(m, shape, problem),
        "catboost": lambda m: models.catboost(m, shape),
        "xgboost": lambda m: models.xgboost(m, shape),
        "forest": lambda m: models.forest(m, shape, problem, averaged=bool(plan.inner) and not plan.refit),
        "linear": lambda m: models.linear(m, shape),
        "svm": lambda m: models.svm(m, shape),
        "gaussian_process": lambda _: models.gaussian_process(shape),
        "discriminant": lambda m: models.discriminant(m),
        "neighbours": lambda m: models.neighbours(m, shape),
        "network": lambda m: models.network(m, shape, problem),
    }


def _table(kind: ModelKind, plan: TabularPlan) -> str:
    """The table that a model reads, with `made` of the target beside it where it can use that."""
    supervised = any(step.kind in SUPERVISED for step in plan.steps)
    if kind in ON_CODES:
        return "np.hstack([codes, made])" if supervised else "codes"
    if kind == "linear" and supervised:
        return "np.hstack([scaled, StandardScaler().fit_transform(made)])"
    return "scaled" if kind in ON_SCALED else "X"


def _predict(shape: Shape, x: str) -> str:
    if shape.multiclass:
        return f"probabilities(model, {x})"
    return f"model.predict_proba({x})[:, 1]" if shape.binary else f"model.predict({x})"


def _forward(plan: TabularPlan, values: str) -> str:
    return {"log1p": f"np.log1p({values})", "sqrt": f"np.sqrt({values})"}.get(plan.target, values)


def _splitter(problem: Problem, shape: Shape, inner: int) -> str:
    if is_grouped(problem):
        return "GroupKFold(FOLDS).split(X[:n], y, GROUPS)"
    if problem.profile.folds.kind == "forward":
        return "KFold(FOLDS).split(X[:n])"
    if is_stratified(problem, shape, inner):
        return "StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(X[:n], y)"
    return "KFold(FOLDS, shuffle=True, random_state=SEED).split(X[:n])"


def _aside(problem: Problem, shape: Shape) -> str:
    """How rows are set aside to stop on: of other groups, or later, where the folds are."""
    if is_grouped(problem):
        return "next(GroupShuffleSplit(1, test_size=0.15, random_state=seed).split(y, y, groups))"
    return f"train_test_split(np.arange(len(y)), test_size=0.15, {_chosen(problem, shape)})"


def _chosen(problem: Problem, shape: Shape) -> str:
    if problem.profile.folds.kind == "forward":
        return "shuffle=False"
    shares = problem.profile.class_shares
    rare = bool(shares) and min(shares) * problem.profile.rows < 10
    if shape.classifier and not shape.many and not rare:
        return "stratify=y, random_state=seed"
    return "random_state=seed"


def _cross(problem: Problem, folds: int) -> str:
    """How features are made of the target without a row's own: nor that of its group, where folds are of groups."""
    if is_grouped(problem):
        most = f"min({folds}, GROUPS.iloc[fit].nunique())"
        return f"list(GroupKFold({most}).split(fit, groups=GROUPS.iloc[fit]))"
    return f"KFold({folds}, shuffle=True, random_state=SEED)"


def _neighbour_cross(problem: Problem, shape: Shape) -> str:
    method = ', method="predict_proba"' if shape.classifier else ""
    column = "[:, 1]" if shape.binary else ""
    cv = f"cv={_cross(problem, 10)}{method}"
    return f"cross_val_predict(\n            model, places[fit], y[fit], {cv}\n        ){column}"


def _files(problem: Problem, part: str) -> str:
    """The pattern of the files that belong to rows."""
    files = problem.competition.row_files
    return literal("input/" + getattr(files[0], part)) if files else ""


def _order(problem: Problem) -> str:
    """What sorts rows in time: a date, a number, or several columns one after the other."""
    spec = problem.profile.folds.column or problem.competition.time_column or problem.competition.id_column
    kinds = {c.name: c.kind for c in problem.profile.columns}
    if spec not in kinds and "+" in spec:
        names = literal([name for name in spec.split("+") if name in kinds])
        return f'rows.sort_values({names}, kind="stable").index'
    if kinds.get(spec) is ColumnKind.DATE:
        how = "dayfirst=True, " if day_first(problem, [spec]) else ""
        return f'pd.to_datetime(rows[{literal(spec)}], errors="coerce", format="mixed", {how}utc=True).argsort()'
    return f"rows[{literal(spec)}].argsort()"


def _periods(step: Step) -> dict[str, int]:
    return {name: int(period) for name, period in zip(step.columns, step.parts, strict=True)}
