"""What ties a learning to its competition, and what can be said without names."""

import pytest

from haste.core.abstraction import abstract, bindings
from haste.core.competition import ColumnKind, ColumnProfile
from haste.core.condition import Condition
from judging.stories import learning

COLUMNS = (
    ColumnProfile(name="Deck", kind=ColumnKind.CATEGORICAL),
    ColumnProfile(name="tweet_text", kind=ColumnKind.TEXT),
    ColumnProfile(name="age", kind=ColumnKind.NUMERIC),
)


def test_names_become_kinds() -> None:
    told = learning(
        title="Bin Deck", text="Links in tweet_text and `age` mattered in churn; at that age all is new."
    )
    plain = abstract(told, COLUMNS)
    assert plain.title == "Bin a categorical column"
    assert plain.text == (
        "Links in a text column and a numeric column mattered in one competition; at that age all is new."
    )
    assert bindings(plain) == []


def test_a_parameter_that_names_a_column_binds() -> None:
    plain = abstract(learning(parameters={"by": ["Deck"], "bins": 8}), COLUMNS)
    assert plain.recipe.parameters == {"by": ["<categorical column>"], "bins": 8}
    assert bindings(plain) == ["the parameter by"]


@pytest.mark.parametrize(
    "text",
    [
        "Read train/12/geometry.xyz beside the table.",
        "TotalBsmtSF + 1stFlrSF as one number.",
        "The column giver_username_if_known tells.",
        "The first 2,000 rows are older.",
        "MWS likes semicolons.",
        "It holds in churn alone.",
    ],
)
def test_names_in_the_text_bind(text: str) -> None:
    assert bindings(learning(text=text)) != []


@pytest.mark.parametrize(
    "text",
    [
        "LightGBM with learning_rate 0.05 and min_data_in_leaf 20 raised the AUC.",
        "StandardScaler before the SVM; TF-IDF with max_features; GroupKFold.",
        "Measured as macro_f1 and log_loss, binary and multi_regression alike.",
    ],
)
def test_words_of_the_trade_bind_nothing(text: str) -> None:
    assert bindings(learning(text=text)) == []


@pytest.mark.parametrize(
    ("parameters", "tied"),
    [
        ({"upper": 4999}, True),
        ({"trees": 3000}, False),
        ({"size": 4096}, False),
        ({"columns": ["x"]}, True),
        ({"smoothing": 12.5}, False),
        ({"file": "a.csv"}, True),
    ],
)
def test_constants_of_one_data_set_bind(parameters: dict[str, object], tied: bool) -> None:
    assert bool(bindings(learning(parameters=parameters))) is tied


def test_conditions_that_only_one_data_set_meets_bind() -> None:
    narrow = Condition(trait="rows", at_least=1305, at_most=1312)
    own = Condition(trait="competition", equals="churn")
    wide = Condition(trait="rows", at_least=500, at_most=50_000)
    assert len(bindings(learning(conditions=(narrow, own, wide)))) == 2
