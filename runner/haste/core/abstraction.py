"""What ties a learning to one competition, and how much of it can be said of data in general."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from haste.core.competition import ColumnKind, ColumnProfile, Profile, TaskKind
from haste.core.learning import Learning
from haste.core.metric import METRICS

PLACEHOLDER = re.compile(r"<[a-z ]*column>")
_KINDS = {
    ColumnKind.NUMERIC: "numeric", ColumnKind.CATEGORICAL: "categorical", ColumnKind.BOOLEAN: "yes-or-no",
    ColumnKind.TEXT: "text", ColumnKind.DATE: "date", ColumnKind.IDENTIFIER: "identifier",
    ColumnKind.CONSTANT: "constant",
}  # fmt: skip
_DISTINCT = re.compile(r"[A-Z_0-9]")
_FILES = re.compile(r"\b[\w/-]+\.(csv|tsv|json|jsonl|parquet|xyz|zip|png|jpe?g|tiff?|txt|npy)\b")
_SNAKE = re.compile(r"\b[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+\b")
_CAMEL = re.compile(r"\b(?:[A-Z][a-z0-9]+|[A-Z]{2,4}(?=[A-Z][a-z]))(?:[A-Z][a-z0-9]*)+\b|\b\d+[a-z]+[A-Z]\w+\b")
_CAPITALS = re.compile(r"\b[A-Z]{2,6}\b")
_ROWS = re.compile(r"\b(?:first|last) [\d,]+ rows\b|\brows? [\d,]{2,} to [\d,]{2,}\b", re.IGNORECASE)
_OWN_KEYS = frozenset({"column", "columns", "file", "files", "rows", "row", "classes", "labels", "ids"})
_OWN_TRAITS = frozenset({"competition", "id", "run", "title"})
_TOOLS = re.compile(
    r"^(Light|Cat|X|Ada|Gradient|Hist)\w*(GBM|Boost\w*)$|(Classifier|Regressor|Scaler|Vectorizer|Transformer|Fold|Split|"
    r"Encoder|Imputer|Optimizer|Sampler|Search|Forest|Trees|Loss|Norm|Pool|Net|NeXt|GELU|ReLU|AdamW|CV|PCA|SVD|SVC|SVM|"
    r"SVR|NB|LR|BERTa?|CNN|Torch|Flow|NumPy|SciPy|Frame|Means|Neighbors|Ridge|Lasso|Kernel|Hub|Up|Mix|Dropout|Curve)$"
)
_TERMS = frozenset(
    _CAPITALS.findall(
        "AUC ROC RMSE RMSLE MAE MAPE MSE MCC QWK SVM SVC SVR NB HOG LBP PCA SVD LDA KNN CNN MLP RNN LSTM GRU BERT "
        "TF IDF BPE GBM LGBM CV OOF NA NAN CPU GPU RAM RGB HSV CLAHE SGD URL URLS HTML XML UTF ASCII SMOTE TTA EMA "
        "FFT DCT UMAP TSNE ADAM RBF KL ID IDS SQL JSON CSV PR AP DART GOSS EFB ELU AND OR NOT"
    )
)
_OURS = frozenset({*METRICS, *(kind.value for kind in TaskKind)})
_KNOBS = re.compile(
    r"^(learning|n|min|max|num|sub|col|reg|l1|l2|early|random|class|batch|weight|drop|hidden|feature|bagging|path|"
    r"lambda|alpha|target|label|cat|tree|leaf|sample|is|use|warm|scale|text|log)_"
)


def abstract(learning: Learning, columns: Sequence[ColumnProfile]) -> Learning:
    """The learning with kinds of columns in the place of their names, and without the competition's own name.

    A parameter that names a column becomes `<… column>`, which no other competition can act upon.
    """
    kinds = {c.name: _KINDS[c.kind] for c in columns}
    recipe = learning.recipe
    parameters = {key: _placeholder(value, kinds) for key, value in recipe.parameters.items()}
    return learning.model_copy(
        update={
            "title": _general(learning.title, kinds, learning.competition),
            "text": _general(learning.text, kinds, learning.competition),
            "recipe": recipe.model_copy(update={"parameters": parameters}),
        }
    )


def seen_on(learning: Learning, profile: Profile | None) -> Learning:
    """The learning said of data in general, with the traits of the data that it was seen on."""
    if profile is None:
        return abstract(learning, ())
    return abstract(learning, profile.columns).model_copy(update={"traits": profile.traits})


def bindings(learning: Learning) -> list[str]:
    """What ties a learning to its competition: names, files, rows, classes, constants, narrow conditions."""
    text = f"{learning.title}\n{learning.text}"
    found = [f"the file {m.group(0)}" for m in _FILES.finditer(text)]
    found += [f"{m.group(0)}" for m in _ROWS.finditer(text)]
    found += [f"the name {name}" for name in _names(_FILES.sub(" ", text))]
    if learning.competition and _whole(learning.competition).search(text):
        found.append(f"the competition {learning.competition}")
    for key, value in learning.recipe.parameters.items():
        found += _tied(key, value)
    found += [f"the condition {c}" for c in learning.recipe.conditions if c.trait in _OWN_TRAITS]
    found += [
        f"the narrow condition {c}"
        for c in learning.recipe.conditions
        if c.at_least is not None and c.at_most is not None and c.at_most <= 1.1 * c.at_least
    ]
    return list(dict.fromkeys(found))


def _tied(key: str, value: Any) -> list[str]:  # noqa: ANN401  (parameters hold any JSON)
    if key in _OWN_KEYS:
        return [f"the parameter {key}"]
    values = value if isinstance(value, list | tuple) else [value]
    for one in values:
        if isinstance(one, str) and (PLACEHOLDER.search(one) or _FILES.search(one) or any(_names(one))):
            return [f"the parameter {key}"]
        if isinstance(one, int | float) and not isinstance(one, bool) and _odd(one):
            return [f"the constant {one:g}"]
    return []


def _odd(number: float) -> bool:
    """Whether a number looks measured rather than chosen: four digits or more, and three of them not zero."""
    digits = str(int(number)).strip("-")
    return (
        number == int(number) and len(digits) >= 4 and len(digits.rstrip("0")) >= 3 and not _is_power(int(number))
    )


def _is_power(number: int) -> bool:
    return number > 0 and number & (number - 1) == 0


def _names(text: str) -> Iterable[str]:
    for pattern in (_SNAKE, _CAMEL):
        for match in pattern.finditer(text):
            name = match.group(0)
            if name not in _OURS and not _KNOBS.match(name) and not _TOOLS.search(name):
                yield name
    for match in _CAPITALS.finditer(text):
        if match.group(0) not in _TERMS:
            yield match.group(0)


def _placeholder(value: Any, kinds: dict[str, str]) -> Any:  # noqa: ANN401  (parameters hold any JSON)
    if isinstance(value, list | tuple):
        return [_placeholder(one, kinds) for one in value]
    return f"<{kinds[value]} column>" if isinstance(value, str) and value in kinds else value


def _general(text: str, kinds: dict[str, str], competition: str) -> str:
    for name in sorted(kinds, key=len, reverse=True):
        code = re.compile(rf"[`'\"]{re.escape(name)}[`'\"]")
        text = code.sub(f"a {kinds[name]} column", text)
        if _DISTINCT.search(name):
            text = _whole(name).sub(f"a {kinds[name]} column", text)
    if competition:
        text = _whole(competition).sub("one competition", text)
    return text


def _whole(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
