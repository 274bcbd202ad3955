import ast

import pytest

from haste.engineers.offline.script import literal, with_imports

KNOWN = {
    "np": "import numpy as np",
    "os": "import os",
    "SVC": "from sklearn.svm import",
    "SVR": "from sklearn.svm import",
    "KFold": "from sklearn.model_selection import",
}


@pytest.mark.parametrize("value", [["a", 'b"c'], {"x": 1.5, "y": None}, "it's", 'say "no"', -3, True, [], "a\nb\\"])
def test_a_value_reads_back_as_itself(value: object) -> None:
    assert ast.literal_eval(literal(value)) == value


def test_what_has_no_literal_is_refused() -> None:
    with pytest.raises(TypeError):
        literal(object())


def test_long_lists_are_broken_over_lines() -> None:
    text = literal([f"column {k}" for k in range(40)])
    assert max(map(len, text.splitlines())) <= 100
    assert ast.literal_eval(text) == [f"column {k}" for k in range(40)]


def test_only_used_imports_are_there_in_order() -> None:
    script = with_imports("Doc.", "x = np.zeros(os.cpu_count())\nprint(SVR, KFold)\n", KNOWN)
    assert script.splitlines()[2:8] == [
        "import os",
        "",
        "import numpy as np",
        "from sklearn.model_selection import KFold",
        "from sklearn.svm import SVR",
        "",
    ]


def test_a_name_the_script_defines_is_not_imported() -> None:
    assert "sklearn" not in with_imports("Doc.", "SVC = 1\nprint(SVC)\n", KNOWN)


def test_a_constant_that_nothing_reads_is_left_out() -> None:
    body = "SEED = 0\nFOLDS = 5\nn = len(train)\n\nprint(n)\n"
    assert with_imports("Doc.", body, KNOWN).endswith("\nFOLDS = 5\nn = len(train)\n\nprint(n)\n")
    assert "SEED = 0\n" in with_imports("Doc.", body + "print(SEED)\n", KNOWN)


def test_a_long_title_is_broken_over_lines() -> None:
    title = "A linear model for " + " and ".join(f"target_{k}" for k in range(20)) + "."
    script = with_imports(title, "print(1)\n", KNOWN)
    assert max(map(len, script.splitlines())) <= 113
    told = ast.get_docstring(ast.parse(script))
    assert told is not None
    assert told.replace("\n", " ") == title
