"""Which workspace, which settings, which run."""

import re
from pathlib import Path

import pytest

from haste.adapters.starter import settings_file
from haste.bootstrap import Workspace
from haste.cli.workspace import find_run, find_stream, find_workspace, load_settings
from haste.errors import SettingsError, UsageError
from haste.settings import Settings
from log.story import CURATION, FAILED, PLAIN, RUN


def test_a_workspace_is_found_from_below(workspace: Path) -> None:
    below = workspace / "a" / "b"
    below.mkdir(parents=True)
    assert find_workspace(below) == workspace.resolve()
    assert find_workspace() == workspace.resolve()


def test_later_layers_go_before_earlier_ones(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workspace / "haste.toml").write_text('[run]\nseed = 1\nfolds = 4\niterations = 7\narm = "flat"\n')
    monkeypatch.setenv("HASTE_FOLDS", "3")
    monkeypatch.setenv("HASTE_TRANSFER_ONLY", "true")
    monkeypatch.setenv("HASTE_ITERATIONS", "9")
    found = load_settings(workspace, {"iterations": 2, "seed": None})
    assert (found.seed, found.folds, found.iterations) == (1, 3, 2)
    assert (found.arm, found.transfer_only, found.prototypes) == ("flat", True, 3)
    assert load_settings(None, {}).folds == 3


def test_tables_are_read_from_the_file_and_from_the_environment(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / "haste.toml").write_text('[run.prices."my-model"]\ninput = 1.5\noutput = 2\n')
    assert load_settings(workspace, {}).prices == {"my-model": {"input": 1.5, "output": 2.0}}
    monkeypatch.setenv("HASTE_PRICES", '{"other": {"input": 3}}')
    assert load_settings(workspace, {}).prices == {"other": {"input": 3.0}}


def test_every_problem_is_told_at_once_and_where_it_comes_from(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / "haste.toml").write_text("sede = 1\n[run]\nfold = 4\nprototypes = 0\n")
    monkeypatch.setenv("HASTE_SEED", "many")
    monkeypatch.setenv("HASTE_ITERATION", "9")
    monkeypatch.setenv("HASTE_COMPETITIONS", "/somewhere")
    with pytest.raises(SettingsError) as raised:
        load_settings(workspace, {"time_limit": -1.0})
    told = "\n".join(raised.value.problems)
    assert len(raised.value.problems) == 6
    for words in (
        "haste.toml: 'sede' is not known here",
        "haste.toml [run] fold: there is no such setting, did you mean folds?",
        "haste.toml [run] prototypes must be greater than or equal to 1, not 0",
        "HASTE_SEED must be a valid integer",
        "HASTE_ITERATION is no setting, did you mean HASTE_ITERATIONS?",
        "--time-limit must be greater than 0, not -1.0",
    ):
        assert words in told


@pytest.mark.parametrize(
    ("seed", "told"),
    [(-1, "--seed must be greater than or equal to 0, not -1"), (2**31, "--seed must be less than 2147483648")],
)
def test_a_seed_that_libraries_refuse_is_refused_before_a_run_begins(workspace: Path, seed: int, told: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(told)) as raised:
        load_settings(workspace, {"seed": seed})
    assert raised.value.exit_code == 2
    assert load_settings(workspace, {"seed": 2**31 - 1}).seed == 2**31 - 1


def test_the_hint_of_a_bad_setting_names_where_settings_are_told(workspace: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings(workspace, {"folds": 1})
    assert raised.value.hint.endswith("stand in the comments of a workspace's haste.toml")
    assert all(f"# {name} = " in settings_file() for name in ("folds", "seed", "keep_errors"))


def test_a_file_that_is_no_toml_is_told(workspace: Path) -> None:
    (workspace / "haste.toml").write_text("[run\n")
    with pytest.raises(SettingsError, match=r"haste\.toml is not TOML"):
        load_settings(workspace, {})


def test_the_settings_of_a_new_workspace_are_the_defaults(workspace: Path) -> None:
    text = settings_file()
    (workspace / "haste.toml").write_text(text)
    assert load_settings(workspace, {}) == Settings()
    (workspace / "haste.toml").write_text(text.replace("\n# ", "\n"))
    assert load_settings(workspace, {}) == Settings()


@pytest.mark.parametrize(
    ("name", "run"),
    [("last", FAILED), (RUN, RUN), ("toy-prices/20260101-120", RUN), ("20260101-1215", PLAIN), ("toy-w", FAILED)],
)
def test_runs_are_named_by_a_unique_beginning(told: Path, name: str, run: str) -> None:
    assert find_run(Workspace(told), name) == run


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("toy-prices", "could be 2 runs"),
        ("2026", "could be 3 runs"),
        ("nope", "there is no run 'nope'"),
        ("_skills", "no run"),
    ],
)
def test_names_that_fit_none_or_many_are_told(told: Path, name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        find_run(Workspace(told), name)


def test_streams_of_any_kind_are_named_the_same_way(told: Path) -> None:
    assert find_stream(Workspace(told), "_skills") == CURATION
    assert find_stream(Workspace(told), "last") == FAILED


def test_without_runs_there_is_a_word_about_it(workspace: Path) -> None:
    with pytest.raises(UsageError, match="there are no runs here yet"):
        find_run(Workspace(workspace), "last")
