"""Evidence from logs alone: loaded, cited, kept, reverted, gain with its interval, where, by whom."""

import pytest

from haste.adapters.fakes import MemoryLog
from haste.adapters.history import LoggedHistory
from haste.core import events as e
from haste.core.condition import Condition
from haste.core.learning import Recipe
from haste.core.scope import Scope
from haste.core.skill import Skill, Tries
from haste.core.solution import KNOWN_MOVES, REMEMBERED_PLAN
from haste.projections.evidence import by_name, effect_of, evidence, independent, read_runs, trials
from projections.streams import kept, loaded, profiled, proposed, prototypes_done, reverted, scored, started, stream

SKILL = Skill(name="a", description="d", scope=Scope.GLOBAL, body="b", recipe=Recipe(move="rank-gauss"))


def _run(name: str, *events: e.Event, skills: tuple[str, ...] = ("a@1", "b@1")) -> tuple[str, list[e.Recorded]]:
    head = (started(name), loaded(*skills), proposed(1), scored(1), prototypes_done())
    return stream(f"{name}/r1", [*head, *events])


def test_citations_and_decisions_are_counted_by_version() -> None:
    first = _run("churn", proposed(2, cites=["a"]), scored(2), kept(2), proposed(3, cites=["a", "b"]), reverted(3))
    second = _run("ships", proposed(2, cites=["a"]), scored(2), kept(2, 0.02), skills=("a@2",))
    seen = evidence([first, second])
    assert (seen["a@1"].loaded, seen["a@1"].cited, seen["a@1"].kept, seen["a@1"].reverted) == (1, 2, 1, 1)
    assert (seen["b@1"].kept, seen["b@1"].reverted) == (0, 1)
    assert seen["a@2"].competitions == ("ships",)
    both = by_name(read_runs([first, second]))["a"]
    assert (both.loaded, both.cited, both.kept, both.reverted) == (2, 3, 2, 1)
    assert both.competitions == ("churn", "ships")
    assert both.engineers == ("offline",)


def test_a_skill_that_was_only_loaded_has_no_gain() -> None:
    seen = evidence([_run("churn", proposed(2), kept(2))])["b@1"]
    assert (seen.loaded, seen.cited, seen.gain, seen.error, seen.competitions) == (1, 0, 0.0, None, ())


def test_a_competition_counts_where_a_change_was_decided_about() -> None:
    decided = _run("churn", proposed(2, cites=["a"]), scored(2), kept(2))
    begun = _run("ships", proposed(2, cites=["a"]))
    seen = by_name(read_runs([decided, begun]))["a"]
    assert (seen.cited, seen.competitions) == (2, ("churn",))


def test_a_citation_of_what_was_not_loaded_is_no_evidence() -> None:
    seen = evidence([_run("churn", proposed(2, cites=["zz"]), kept(2))])
    assert set(seen) == {"a@1", "b@1"}


def test_a_mend_stands_for_what_it_mends() -> None:
    events = (proposed(2, cites=["a"]), proposed(3, mends=2, move="smaller"), scored(3), kept(3))
    found = trials([_run("churn", *events)])
    assert [(t.solution, t.change.move, t.cited) for t in found] == [("s3", "rank-gauss", ("a@1",))]
    assert evidence([_run("churn", *events)])["a@1"].cited == 1


def test_a_change_that_never_ran_counts_as_reverted_without_a_gain() -> None:
    seen = evidence([_run("churn", proposed(2, cites=["a"]), reverted(2, None, error=None))])["a@1"]
    assert (seen.reverted, seen.gain, seen.error) == (1, 0.0, None)


def test_gains_are_relative_and_their_errors_are_scaled_with_them() -> None:
    found = trials([_run("churn", proposed(2), scored(2, folds=200), kept(2, 0.01, error=0.002))])
    assert found[0].effect is not None
    assert found[0].effect.gain == pytest.approx(0.05)
    assert found[0].effect.error == pytest.approx(0.01)


def test_of_what_several_moves_at_once_brought_each_skill_has_its_part() -> None:
    both = trials([_run("churn", proposed(2, move=KNOWN_MOVES, cites=["a", "b"]), scored(2), kept(2, 0.01))])
    assert [trial.effect.gain for trial in both if trial.effect] == [pytest.approx(0.05 / 2)]
    alone = trials([_run("churn", proposed(2, cites=["a", "b"]), scored(2), kept(2, 0.01))])
    assert [trial.effect.gain for trial in alone if trial.effect] == [pytest.approx(0.05)]


def test_a_change_of_what_an_earlier_run_had_found_is_none_of_a_prototype() -> None:
    plain, found = (
        stream("churn/r1", [started(), loaded(), proposed(1, move=move), proposed(2), kept(2)])
        for move in ("lightgbm", REMEMBERED_PLAN)
    )
    assert [trial.on_prototype for trial in trials([plain, found])] == [True, False]


def test_two_folds_weigh_less_than_five() -> None:
    few = trials([_run("churn", proposed(2), scored(2, folds=2), kept(2))])[0].effect
    more = trials([_run("churn", proposed(2), scored(2, folds=5), kept(2))])[0].effect
    assert few is not None
    assert more is not None
    assert few.error is not None
    assert more.error is not None
    assert few.error > 4 * more.error


def test_many_changes_of_one_competition_count_once_beside_another() -> None:
    many = [x for n in range(2, 12) for x in (proposed(n, cites=["a"]), scored(n), kept(n, 0.02))]
    one = [proposed(2, cites=["a"]), scored(2), reverted(2, -0.02)]
    seen = evidence([_run("churn", *many), _run("ships", *one)])["a@1"]
    assert abs(seen.gain) < 0.06
    assert seen.error is not None
    assert seen.error > 0.05


def test_gains_without_errors_are_averaged_plainly() -> None:
    found = trials([_run("churn", proposed(2), kept(2, 0.01, error=None), proposed(3), kept(3, 0.03, error=None))])
    effect = effect_of(found)
    assert effect is not None
    assert effect.gain == pytest.approx(0.1)
    assert effect_of([]) is None


def test_what_a_run_saw_with_the_skill_loaded_is_no_independent_evidence() -> None:
    told = _run("churn", proposed(2), scored(2), kept(2))
    alone = _run("ships", proposed(2), scored(2), kept(2), proposed(3, move="other"), reverted(3), skills=("b@1",))
    found = independent(SKILL, trials([told, alone]))
    assert [(t.competition, t.change.move) for t in found] == [("ships", "rank-gauss")]
    assert independent(SKILL.model_copy(update={"recipe": None}), trials([told, alone])) == []


def test_what_its_change_did_without_it_is_evidence() -> None:
    many = Condition(trait="rows", at_least=100.0)
    told = SKILL.model_copy(update={"recipe": Recipe(move="rank-gauss", conditions=(many,))})

    def tried(name: str, rows: float, *events: e.Event, skills: tuple[str, ...] = ("b@1",)) -> object:
        head = (started(name), profiled(rows=rows), loaded(*skills), proposed(1), scored(1), prototypes_done())
        return stream(f"{name}/r1", [*head, *events])

    streams = [
        tried("churn", 500.0, proposed(2), scored(2), kept(2, 0.02)),
        tried(
            "ships",
            500.0,
            *(proposed(2), scored(2), reverted(2, -0.01)),
            *(proposed(3, parent=2), scored(3), kept(3, 0.01)),
        ),
        tried("small", 50.0, proposed(2), scored(2), kept(2, 0.2)),
        tried("known", 500.0, proposed(2), scored(2), kept(2, 0.2), skills=("a@1",)),
        tried("other", 500.0, proposed(2, move="row-totals"), scored(2), kept(2, 0.2)),
        tried("broken", 500.0, proposed(2), reverted(2, None, error=None)),
    ]
    found = evidence(streams, [told])[f"a@{told.version}"]  # type: ignore[arg-type]
    assert [(one.competition, one.metric, one.meets, one.kept) for one in found.without] == [
        ("broken", "roc_auc", True, 0.0), ("churn", "roc_auc", True, 1.0), ("ships", "roc_auc", True, 0.5),
        ("small", "roc_auc", False, 1.0),
    ]  # fmt: skip
    ships = next(one for one in found.without if one.competition == "ships")
    assert (ships.on_prototypes, ships.on_changes) == (Tries(of=1), Tries(of=1, kept=1))
    effects = {one.competition: one.effect for one in found.without}
    assert effects["broken"] is None
    assert effects["churn"] is not None
    assert effects["churn"].gain == pytest.approx(0.1)
    assert (found.loaded, found.kept) == (0, 0)


def test_the_history_reads_runs_alone_and_leaves_broken_ones_out() -> None:
    log = MemoryLog()
    events = [started(), loaded(f"a@{SKILL.version}", "b@1"), proposed(1), scored(1), prototypes_done()]
    for position, event in enumerate([*events, proposed(2, cites=["a"]), kept(2)]):
        log.append("churn/r1", event, expected=position)
    log.append("_skills/x", started(), expected=0)
    log.append("ships/r1", started("ships"), expected=0)
    log.lines["ships/r1"] = [b"not an event\n"]
    history = LoggedHistory(log)
    assert [name for name, _ in history.runs()] == ["churn/r1"]
    assert set(history.evidence([SKILL])) == {f"a@{SKILL.version}"}
    assert history.evidence([SKILL])[f"a@{SKILL.version}"].kept == 1
