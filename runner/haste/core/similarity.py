"""How alike two texts are: word stems, Jaccard, and the cosine of TF-IDF vectors. Pure, small, deterministic."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt

Vector = Mapping[str, float]

_WORD = re.compile(r"[a-z][a-z0-9]*|[0-9]+(?=-gram)")
_ENDINGS = (
    "izations", "ization", "ations", "ation", "ments", "ment", "ities", "ity", "ically", "ingly", "edly", "ings",
    "ing", "ies", "ied", "ers", "est", "ed", "er", "es", "ly", "al", "s", "e",
)  # fmt: skip


def stem(word: str) -> str:
    """A word without its ending, so that `encodes`, `encoded` and `encoding` are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


_FIELD = {
    "character": "char", "characters": "char", "chars": "char", "grams": "ngram", "gram": "ngram",
    "ngrams": "ngram", "logarithm": "log", "logarithms": "log", "logarithmic": "log", "log1p": "log",
    "photographs": "images", "pictures": "images", "stamp": "date", "datetime": "date", "quotient": "ratio",
    "quotients": "ratio", "regularization": "penalty", "regularisation": "penalty", "regularized": "penalty",
}  # fmt: skip
"""Words of the field that mean the same."""


def words(text: str) -> list[str]:
    """The words of a text, in order, in lower case; hyphens and digits inside a word part it."""
    found = _WORD.findall(text.lower().replace("_", " "))
    return [_FIELD.get(word, word) for word in found]


_STOP = frozenset(
    words(
        "a an and are as at be been before but by can did do does each every for from had has have if in into is "
        "it its more most much no not of off on one only or other out over rather same so some such than that the "
        "their them then there these they this those to too two up use used using was were what when where which "
        "while who will with without would"
    )
)


def stems(text: str) -> list[str]:
    """The stems of the words that carry meaning, in order."""
    return list(_stems(text))


@lru_cache(maxsize=4096)
def _stems(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in words(text) if len(word) > 1 and word not in _STOP)


def jaccard(a: Iterable[str], b: Iterable[str]) -> float:
    """The share of the union that both have; 0.0 for two empty ones."""
    first, second = set(a), set(b)
    union = first | second
    return len(first & second) / len(union) if union else 0.0


def cosine(a: Vector, b: Vector) -> float:
    """The cosine of the angle between two sparse vectors; 0.0 where one is empty."""
    if len(b) < len(a):
        a, b = b, a
    product = sum(weight * b[term] for term, weight in a.items() if term in b)
    lengths = sqrt(sum(w * w for w in a.values())) * sqrt(sum(w * w for w in b.values()))
    return product / lengths if lengths else 0.0


@dataclass(frozen=True)
class Corpus:
    """How rare each stem is in a set of texts."""

    documents: int
    frequency: Mapping[str, int]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Corpus":
        """Count the texts that each stem stands in."""
        frequency: Counter[str] = Counter()
        documents = 0
        for text in texts:
            documents += 1
            frequency.update(set(_stems(text)))
        return cls(documents, frequency)

    def vector(self, text: str) -> dict[str, float]:
        """Sublinear counts weighted by inverse document frequency; unknown stems are the rarest."""
        counts = Counter(_stems(text))
        return {
            term: (1.0 + log(count)) * (1.0 + log((1 + self.documents) / (1 + self.frequency.get(term, 0))))
            for term, count in counts.items()
        }

    def similarity(self, a: str, b: str) -> float:
        """The cosine of two texts' vectors, between 0 and 1."""
        return cosine(self.vector(a), self.vector(b))
