"""Mends: every failure leads to a plan that differs, and the last of them is plain."""

from pathlib import Path

import pytest

from haste.core.competition import Domain
from haste.core.solution import Failure, FailureKind
from haste.engineers.offline.catalogue import find_move, moves_of
from haste.engineers.offline.specialist import specialist_for
from offline_text_image.running import lint
from offline_text_image.toys import Toy, images, texts

DOMAINS: tuple[Domain, ...] = ("text", "image")
TRACE = 'Traceback\n  File "solution.py", line 9, in network\n    x\nRuntimeError: no'


@pytest.fixture(scope="module", params=DOMAINS)
def toy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Domain, Toy]:
    domain: Domain = request.param
    make = texts if domain == "text" else images
    return domain, make(tmp_path_factory.mktemp(domain) / "public", "macro")


@pytest.mark.parametrize("kind", list(FailureKind))
def test_a_mend_is_another_plan(toy: tuple[Domain, Toy], kind: FailureKind, tmp_path: Path) -> None:
    domain, (specialist, problem) = toy[0], (specialist_for(toy[0]), toy[1].problem("torch"))
    plan = specialist.draft(problem, number=0, seed=0)
    assert plan is not None
    for name in ("stack-text-families", "averaged-embeddings", "blend-image-families"):
        move = find_move(name, domain)
        plan = (move.apply(plan, problem) if move else None) or plan
    for attempt in (0, 1):
        mended = specialist.mend(plan, Failure(kind=kind, message="x", output=TRACE), problem, attempt=attempt)
        if attempt == 0:
            assert mended is not None
        if mended is not None:
            assert mended[0] != plan
            assert mended[1]
            assert specialist.read(mended[0].dump(), problem) == mended[0]
            assert lint({"mended": specialist.render(mended[0], problem)}, tmp_path / str(attempt)) == ""


def test_a_member_that_broke_is_left_out(toy: tuple[Domain, Toy]) -> None:
    domain, (specialist, problem) = toy[0], (specialist_for(toy[0]), toy[1].problem("torch"))
    plan = specialist.draft(problem, number=0, seed=0)
    move = find_move("averaged-embeddings" if domain == "text" else "blend-image-families", domain)
    assert plan is not None
    assert move is not None
    whole = move.apply(plan, problem)
    assert whole is not None
    failure = Failure(kind=FailureKind.CRASHED, message="RuntimeError: no", output=TRACE)
    mended = specialist.mend(whole, failure, problem, attempt=0)
    assert mended is not None
    assert "network" not in specialist.render(mended[0], problem)


@pytest.mark.parametrize("domain", DOMAINS)
def test_moves_have_names_of_their_own_and_sound_priors(domain: Domain) -> None:
    moves = moves_of(domain)
    assert len({move.name for move in moves}) == len(moves) >= 12
    assert all(domain in move.domains and move.spread > 0 and move.cost > 0 for move in moves)


def test_plans_of_others_are_not_read(toy: tuple[Domain, Toy]) -> None:
    specialist, problem = specialist_for(toy[0]), toy[1].problem()
    drafted = specialist.draft(problem, number=0, seed=0)
    assert drafted is not None
    assert specialist.read({}, problem) is None
    assert specialist.read({**drafted.dump(), "members": []}, problem) is None
    assert specialist.read({**drafted.dump(), "domain": "tabular"}, problem) is None
    torch_alone = {"kind": "network", "reads": []}
    assert specialist.read({**drafted.dump(), "members": [torch_alone]}, problem) is None
