"""An image plan as a script: what goes into the templates, and which imports a script may need."""

from typing import Any

from haste.engineers.offline.image.pictures import row_files
from haste.engineers.offline.image.plan import Block, ImagePlan, Member, MemberKind, Parameter
from haste.engineers.offline.outcome import SORTS, blending_context, outcome_context
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.script import environment, literal, with_imports
from haste.engineers.offline.tabular.columns import columns_of

FUNCTIONS: dict[MemberKind, str] = {
    "network": "network",
    "kernel": "kernel_machine",
    "boosting": "boosted_trees",
    "linear": "linear",
}
TITLES: dict[MemberKind, str] = {
    "network": "a small convolutional network",
    "kernel": "a kernel machine",
    "boosting": "boosted trees",
    "linear": "a linear model",
}
READ: dict[Block, str] = {
    "gradients": "histograms of gradients",
    "colours": "colours",
    "textures": "textures",
    "pixels": "pixels",
    "columns": "the table's columns",
}
DEFAULTS: dict[MemberKind, dict[Parameter, float]] = {
    "network": {"width": 16, "epochs": 15, "copies": 1, "seeds": 1},
    "kernel": {"C": 5.0},
    "boosting": {"rounds": 1000, "rate": 0.1},
    "linear": {"C": 0.02},
}
SHALLOW = (".jpg", ".jpeg", ".bmp", ".gif", ".webp")
"""Pictures whose values are always bytes."""
IMPORTS = SORTS | {
    "lgb": "import lightgbm as lgb",
    "torch": "import torch",
    "ThreadPoolExecutor": "from concurrent.futures import",
    "Image": "from PIL import",
    "hog": "from skimage.feature import",
    "local_binary_pattern": "from skimage.feature import",
    "CalibratedClassifierCV": "from sklearn.calibration import",
    "TransformedTargetRegressor": "from sklearn.compose import",
    "PCA": "from sklearn.decomposition import",
    "LinearRegression": "from sklearn.linear_model import",
    "LogisticRegression": "from sklearn.linear_model import",
    "Ridge": "from sklearn.linear_model import",
    "make_pipeline": "from sklearn.pipeline import",
    "StandardScaler": "from sklearn.preprocessing import",
    "SVC": "from sklearn.svm import",
    "SVR": "from sklearn.svm import",
    "nn": "from torch import",
    "functional": "from torch.nn import",
}


def render(plan: ImagePlan, problem: Problem) -> str:
    """The script of a plan."""
    template = environment().get_template("image/script.py.j2")
    return with_imports(_title(plan, problem), template.render(_context(plan, problem)), IMPORTS)


def _title(plan: ImagePlan, problem: Problem) -> str:
    names = list(dict.fromkeys(TITLES[m.kind] for m in plan.members))
    told = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
    read = f" on {', '.join(READ[b] for b in plan.blocks)}" if plan.blocks else ""
    how = "" if plan.blend == "mean" else ", stacked"
    target = " and ".join(problem.competition.targets[:3])
    return f"{told[:1].upper()}{told[1:]}{read}{how}, for {target}.".replace('"', "'").replace("\\", "/")


def _context(plan: ImagePlan, problem: Problem) -> dict[str, Any]:
    files, columns = row_files(problem), columns_of(problem)
    assert files is not None
    tuned = plan.decode == "tuned" and plan.inner >= 2
    rows = problem.profile.rows
    networks = [m for m in plan.members if m.kind == "network"]
    return {
        **outcome_context(problem, inner=plan.inner, held_out=tuned),
        "plan": plan,
        "threads": True,
        "kinds": list(dict.fromkeys(m.kind for m in plan.members)),
        "kept": any(m.kind != "network" for m in plan.members),
        "members": [_member(m) for m in plan.members],
        "blocks": plan.blocks,
        "deep": not files.train.lower().endswith(SHALLOW),
        "picture_blocks": bool(set(plan.blocks) - {"columns"}),
        "cell": max(4, plan.detail // 8),
        "batch": 32 if rows < 5000 else 64 if rows < 30_000 else 128,
        "many_copies": any(m.parameters.get("copies", 1) > 1 for m in networks),
        "many_seeds": any(m.parameters.get("seeds", 1) > 1 for m in networks),
        "train_path": _path(files.train),
        "test_path": _path(files.test),
        "numeric": list(columns.numeric),
        "categorical": list(columns.categorical),
        **blending_context(problem, len(plan.members), inner=plan.inner, blend=plan.blend, tuned=tuned),
    }


def _path(pattern: str) -> str:
    """`train_images/{id}.jpg` as an expression over `row`."""
    parts = f"input/{pattern}".split("{id}")
    pieces = [piece for part in parts for piece in ("row", literal(part) if part else "")][1:]
    return " + ".join(p for p in pieces if p)


def _member(member: Member) -> dict[str, str]:
    reads: str = "small" if member.kind == "network" else member.reads[0]
    if len(member.reads) > 1:
        reads = f"np.hstack([{', '.join(member.reads)}])"
    given = {name: member.parameters.get(name, value) for name, value in DEFAULTS[member.kind].items()}
    whole = {k: v if k in ("C", "rate") else int(v) for k, v in given.items()}
    return {"function": FUNCTIONS[member.kind], "reads": reads, "options": literal(whole)}
