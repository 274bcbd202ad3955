"""Small competitions made of real data that is installed anyway: scikit-learn's sets and Python's docstrings.

Each becomes a folder with `public/` (what a competitor gets) and `private/` (the answers), split 70/30 by a seed.
"""

import ast
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20
TEST_SHARE = 0.3

AREAS = {
    "networking": ("http", "urllib", "email", "socketserver.py", "smtplib.py", "ftplib.py", "imaplib.py"),
    "concurrency": ("asyncio", "multiprocessing", "concurrent", "threading.py", "queue.py"),
    "testing": ("unittest", "doctest.py", "pdb.py", "bdb.py", "trace.py", "traceback.py"),
    "data": ("json", "xml", "csv.py", "sqlite3", "pickle.py", "zipfile.py", "tarfile.py", "statistics.py"),
}
"""Parts of the standard library; the text competition asks which one a docstring comes from."""


def make_demo(folder: Path) -> list[Path]:
    """Write every demo competition under `folder`; returns their folders in the order to run them."""
    makers: dict[str, Callable[[Path], None]] = {
        "breast-cancer": _breast_cancer,
        "diabetes-progress": _diabetes,
        "wine-cultivars": _wine,
        "docstring-areas": _docstrings,
        "handwritten-digits": _digits,
    }
    made = []
    for name, make in makers.items():
        root = folder / name
        (root / "public").mkdir(parents=True, exist_ok=True)
        (root / "private").mkdir(exist_ok=True)
        make(root)
        made.append(root)
    return made


def _breast_cancer(root: Path) -> None:
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer(as_frame=True).frame.rename(columns={"target": "benign"})
    _write(
        root,
        data,
        target="benign",
        metric="roc_auc",
        what="Cell nuclei measured in images of breast masses. Predict the probability that a mass is benign.",
    )


def _diabetes(root: Path) -> None:
    from sklearn.datasets import load_diabetes

    data = load_diabetes(as_frame=True, scaled=False).frame.rename(columns={"target": "progression"})
    _write(
        root,
        data,
        target="progression",
        metric="rmse",
        what="Ten measurements of diabetes patients. Predict how far the disease has progressed after a year.",
    )


def _wine(root: Path) -> None:
    from sklearn.datasets import load_wine

    bunch = load_wine(as_frame=True)
    data = bunch.frame.rename(columns={"target": "cultivar", "od280/od315_of_diluted_wines": "od280_od315"})
    data["cultivar"] = [f"cultivar_{c}" for c in data["cultivar"]]
    _write(
        root,
        data,
        target="cultivar",
        metric="log_loss",
        what="Chemical analyses of wines from one region. Predict the probability of each of three cultivars.",
    )


def _docstrings(root: Path) -> None:
    rows = [(text, area) for area in AREAS for text in sorted(set(_docstrings_of(AREAS[area])))]
    data = pd.DataFrame(rows, columns=["text", "area"])
    data = data.drop_duplicates("text", keep=False).groupby("area").head(400).reset_index(drop=True)
    _write(
        root,
        data,
        target="area",
        metric="accuracy",
        what="Docstrings of Python's standard library. Predict which part of the library each comes from.",
    )


def _docstrings_of(places: tuple[str, ...]) -> Iterator[str]:
    library = Path(sysconfig.get_paths()["stdlib"])
    for place in places:
        path = library / place
        for source in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if "test" in source.relative_to(library).parts or not source.is_file():
                continue
            tree = ast.parse(source.read_text(encoding="utf-8", errors="replace"))
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
                    text = " ".join((ast.get_docstring(node) or "").split())
                    if len(text) >= 30:
                        yield text[:600]


def _digits(root: Path) -> None:
    from PIL import Image
    from sklearn.datasets import load_digits

    bunch = load_digits()
    data = pd.DataFrame({"digit": bunch.target})
    train, test = _split(data, "digit")
    _write_tables(root, train, test, target="digit", metric="accuracy", what=_DIGITS)
    for name, part in (("train_images", train), ("test_images", test)):
        (root / "public" / name).mkdir(exist_ok=True)
        for row in part["id"]:
            pixels = (bunch.images[row] * (255 / 16)).astype(np.uint8)
            Image.fromarray(pixels).save(root / "public" / name / f"{row}.png")


_DIGITS = (
    "Handwritten digits, 8 by 8 pixels, a picture per row in `train_images/` and `test_images/`. Predict the digit."
)


def _write(root: Path, data: pd.DataFrame, *, target: str, metric: str, what: str) -> None:
    train, test = _split(data, target)
    _write_tables(root, train, test, target=target, metric=metric, what=what)


def _split(data: pd.DataFrame, target: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A seeded 70/30 split, by class where there are few of them; the id is the row's number."""
    data = data.reset_index(drop=True)
    data.insert(0, "id", np.arange(len(data)))
    rng = np.random.default_rng(SEED)
    test = np.zeros(len(data), dtype=bool)
    strata = data[target] if data[target].nunique() <= 20 else pd.Series(0, index=data.index)
    for _, rows in data.groupby(strata).groups.items():
        chosen = rng.permutation(np.asarray(rows))[: round(TEST_SHARE * len(rows))]
        test[chosen] = True
    order = rng.permutation(len(data))
    shuffled = data.iloc[order]
    return shuffled[~test[order]], shuffled[test[order]]


def _write_tables(
    root: Path, train: pd.DataFrame, test: pd.DataFrame, *, target: str, metric: str, what: str
) -> None:
    public = root / "public"
    train.to_csv(public / "train.csv", index=False)
    test.drop(columns=target).to_csv(public / "test.csv", index=False)
    _sample(train, test, target, metric).to_csv(public / "sample_submission.csv", index=False)
    test[["id", target]].to_csv(root / "private" / "answers.csv", index=False)
    (public / "description.md").write_text(
        f"# {root.name}\n\n{what}\n\n## Task\nPredict `{target}` for each row of `test.csv`.\n\n"
        f"## Metric\n`{metric}`\n"
    )


def _sample(train: pd.DataFrame, test: pd.DataFrame, target: str, metric: str) -> pd.DataFrame:
    sample = test[["id"]].copy()
    if metric == "log_loss":
        classes = sorted(train[target].unique())
        return sample.assign(**{c: 1 / len(classes) for c in classes})
    constant = train[target].mode()[0] if metric == "accuracy" else round(float(train[target].mean()), 3)
    return sample.assign(**{target: constant})
