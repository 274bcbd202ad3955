"""Stems and cosines: what is alike and what isn't."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haste.core.similarity import Corpus, cosine, jaccard, stem, stems


@pytest.mark.parametrize("word", ["encode", "encodes", "encoded", "encoding", "encodings"])
def test_endings_fall_off(word: str) -> None:
    assert stem(word) == "encod"


def test_words_of_the_field_that_mean_the_same_are_one() -> None:
    assert stems("the logarithm of character n-grams") == stems("log of char ngrams")


def test_jaccard_of_nothing_is_nothing() -> None:
    assert jaccard([], []) == 0.0
    assert jaccard("ab", "bc") == pytest.approx(1 / 3)


def test_a_paraphrase_is_nearer_than_a_stranger() -> None:
    skills = ["Encode wide categories by the mean target of other rows.", "Mirror images for augmentation."]
    corpus = Corpus.of(skills)
    told = "Categories of many values were encoded by the target's mean over other rows."
    assert corpus.similarity(told, skills[0]) > 0.3 > corpus.similarity(told, skills[1])


def test_a_vector_of_nothing_is_like_nothing() -> None:
    assert cosine({}, {"a": 1.0}) == 0.0


@given(st.lists(st.sampled_from(["tree", "forest", "seed", "fold", "leaf"]), min_size=1, max_size=8))
def test_a_text_is_like_itself_and_order_changes_nothing(words: list[str]) -> None:
    corpus = Corpus.of(["tree forest", "seed fold", "leaf"])
    text, turned = " ".join(words), " ".join(reversed(words))
    assert corpus.similarity(text, turned) == pytest.approx(1.0)
    assert 0.0 <= corpus.similarity(text, "tree seed") <= 1.0 + 1e-9
