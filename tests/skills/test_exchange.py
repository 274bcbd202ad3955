"""Skills that come and go: candidates wait for a review, exports are what other programs can read."""

import json
from pathlib import Path

import pytest
from desk_of_tests import Workspace, skill
from poisoned_skills import BAD
from skills_ref.validator import validate

from haste.adapters.skill_folders import lint_folders, read_folder, write_folder
from haste.adapters.skill_sources import read_candidates
from haste.core.learning import Recipe
from haste.core.scope import Scope
from haste.core.skill import Evidence
from haste.core.skill_text import render_skill
from haste.errors import GitError, UsageError
from haste.orchestration.exchange import MOST_EXPORTED, import_skills, plugin_files, select_for_export
from haste.orchestration.review import approve, find_waiting, reject

INTO = (Scope.DOMAIN, "tabular")


@pytest.fixture
def workspace(folder: Path) -> Workspace:
    return Workspace(folder)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Another folder of skills: two good ones, one global, and one poisoned."""
    root = tmp_path / "elsewhere"
    bad = next(bad for bad in BAD if bad.label == "override")
    plan = skill("planned", Scope.COMPETITION, "titanic").model_copy(
        update={
            "recipe": Recipe(move="m", plan={"model": "x"}),
            "metadata": {"haste-promotion": "p1", "author": "Bo"},
        }
    )
    for one in (skill("one"), skill("general", Scope.GLOBAL, ""), plan):
        write_folder(root / one.path, {"SKILL.md": render_skill(one).encode()})
    write_folder(root / bad.path, {"SKILL.md": bad.text.encode()})
    return root


def test_candidates_wait_below_global(workspace: Workspace, source: Path) -> None:
    origin, candidates = read_candidates(str(source), workspace.repository, None)
    done = import_skills(workspace.desk, candidates, source=origin)
    assert sorted(event.path for event in done.promoted) == [
        "skills/competitions/titanic/planned",
        "skills/domains/tabular/one",
    ]
    assert "never goes straight into global" in done.refused["skills/global/general"][0]
    assert "overrides its reader" in done.refused["skills/domains/tabular/wide"][0]
    assert workspace.names() == []
    assert [review.skill for review in find_waiting(workspace.desk, "import")] == ["planned", "one"]
    approve(workspace.desk, find_waiting(workspace.desk, "import"))
    one, planned = sorted(workspace.skills.load(), key=lambda s: s.name)
    assert one.metadata["haste-origin"] == "imported from elsewhere"
    assert planned.metadata["author"] == "Bo"
    assert planned.metadata["haste-promotion"] != "p1"
    assert planned.recipe is not None
    assert planned.recipe.plan == {"model": "x"}


def test_a_place_can_be_given(workspace: Workspace, source: Path) -> None:
    origin, candidates = read_candidates(str(source), workspace.repository, INTO)
    done = import_skills(workspace.desk, candidates, source=origin)
    assert {event.path.rsplit("/", 1)[0] for event in done.promoted} == {"skills/domains/tabular"}
    planned = next(s for s in workspace.skills.load(workspace.repository.tip(done.branch)) if s.name == "planned")
    assert planned.recipe is not None
    assert planned.recipe.plan is None


def test_importing_again_changes_nothing(workspace: Workspace, source: Path) -> None:
    for _ in range(2):
        origin, candidates = read_candidates(str(source), workspace.repository, None)
        done = import_skills(workspace.desk, candidates, source=origin)
    assert len(workspace.desk.reviews()) == len(done.promoted) == 2
    tip = workspace.repository.tip(done.branch)
    assert tip is not None
    assert len(workspace.repository.history(tip, path="skills")) == 2


def test_what_was_rejected_waits_for_another_review_when_it_is_imported_again(
    workspace: Workspace, source: Path
) -> None:
    origin, candidates = read_candidates(str(source), workspace.repository, None)
    first = import_skills(workspace.desk, candidates, source=origin)
    reject(workspace.desk, find_waiting(workspace.desk, first.branch), "not ours")
    again = import_skills(workspace.desk, candidates, source=origin)
    assert {event.promotion for event in again.promoted}.isdisjoint(event.promotion for event in first.promoted)
    waiting = find_waiting(workspace.desk, again.branch)
    assert [review.skill for review in waiting] == ["planned", "one"]
    approve(workspace.desk, waiting)
    states = [workspace.desk.reviews()[event.promotion].state for event in (*first.promoted, *again.promoted)]
    assert states == ["rejected", "rejected", "merged", "merged"]


def test_from_another_repository(workspace: Workspace, tmp_path: Path) -> None:
    other = Workspace(tmp_path / "other")
    other.begin("auto")
    other.promote(skill("one"))
    other.merge()
    url = f"file://{tmp_path}/other"
    origin, candidates = read_candidates(url, workspace.repository, None)
    assert origin == f"other at {other.repository.head()[:12]}"
    assert [event.skill for event in import_skills(workspace.desk, candidates, source=origin).promoted] == ["one"]


@pytest.mark.parametrize("source", ["--upload-pack=touch x", "ext::sh -c touch%20x", "nowhere", "https://a b"])
def test_a_source_is_never_an_option_or_a_command(workspace: Workspace, source: str) -> None:
    with pytest.raises(UsageError, match="neither a folder nor a git URL"):
        read_candidates(source, workspace.repository, None)
    with pytest.raises(GitError):
        workspace.repository.fetch(source)
    assert not Path("x").exists()


def test_links_are_told_and_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "skills/global/one"
    write_folder(folder, {"SKILL.md": render_skill(skill("one", Scope.GLOBAL, "")).encode()})
    (folder / "notes.md").symlink_to("/etc/passwd")
    (folder / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert {entry.path: entry.data for entry in read_folder(folder) if entry.mode == "120000"} == {
        "notes.md": None,
        "loop": None,
    }
    number, problems = lint_folders(tmp_path / "skills")
    assert number == 1
    assert len([problem for problem in problems if "symbolic link" in problem.message]) == 2


def test_what_is_exported_is_of_all_competitions_and_what_gained_most_comes_first() -> None:
    own, many = skill("own", Scope.COMPETITION, "titanic"), [skill(f"s{n}") for n in range(60)]
    assert select_for_export([own, many[0]], {}, domains=(), limit=50) == many[:1]
    assert len(select_for_export(many, {}, domains=(), limit=1000)) == MOST_EXPORTED
    known = {f"s{n}@{many[n].version}": Evidence(loaded=9, cited=9, kept=9, gain=n / 100) for n in range(3)}
    assert [s.name for s in select_for_export(many, known, domains=(), limit=3)] == ["s2", "s1", "s0"]


def test_an_export_is_a_plugin_of_the_best(tmp_path: Path) -> None:
    skills = [skill(f"s{n}") for n in range(60)] + [
        skill("g", Scope.GLOBAL, ""),
        skill("c", Scope.COMPETITION, "x"),
    ]
    known = {f"s7@{skills[7].version}": Evidence(loaded=9, cited=9, kept=9, gain=0.1)}
    chosen = select_for_export(skills, known, domains=(), limit=50)
    assert [s.name for s in chosen[:2]] == ["s7", "g"]
    assert len(chosen) == 50
    assert all(s.scope is not Scope.COMPETITION for s in chosen)
    assert [s.name for s in select_for_export(skills, known, domains=("text",), limit=50)] == ["g"]
    write_folder(tmp_path / "plugin", plugin_files(chosen, version="0.1.0"))
    manifest = json.loads((tmp_path / "plugin/.claude-plugin/plugin.json").read_text())
    assert manifest["skills"] == ["./skills/domains/tabular", "./skills/global"]
    for place in manifest["skills"]:
        for exported in (tmp_path / "plugin" / place).iterdir():
            assert validate(exported) == []
    with pytest.raises(UsageError, match="is there already"):
        write_folder(tmp_path / "plugin", {})
