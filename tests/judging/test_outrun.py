"""Two curations at once over one workspace: whoever is merged second judges its learnings again on what stands."""

from pathlib import Path

import pytest

from haste.core.events import CurationFinished, LearningJudged, Recorded
from haste.core.lint import check_names
from haste.orchestration.curate import Curated, curate
from haste.projections.inventory import growth
from haste.projections.reviews import reviews
from judging.stories import Bench, bench, learning, tell_run


class Killed(BaseException):
    """What a SIGKILL is to the code."""


def beside(at: Bench, *, domain: str = "tabular") -> tuple[Curated, Curated]:
    """A curation, and one of another run's like learning that begins and ends while the first is at work."""
    first = tell_run(at.log, learning("churn", title="Ranks help", text="Ranks helped the linear model."))
    inner: list[Curated] = []

    def meanwhile(one: Recorded) -> None:
        if isinstance(one.event, LearningJudged) and not inner:
            told = learning("ships", title="Ranks help", text="Ranks helped the linear model.", domain=domain)
            other = tell_run(at.log, told)
            inner.append(curate([other], at.ports, at.repository))

    outer = curate([first], at.ports, at.repository, listen=meanwhile)
    return outer, inner[0]


@pytest.mark.parametrize("domain", ["tabular", "text"])
def test_the_second_amends_what_the_first_has_made(tmp_path: Path, domain: str) -> None:
    at = bench(tmp_path / "w")
    outer, inner = beside(at, domain=domain)
    assert inner.merged is not None
    assert outer.before == ("_skills/churn.r1",)
    assert outer.stream == "_skills/churn.r1.again2"
    assert outer.merged == at.repository.head()
    assert [path.rsplit("/", 1)[-1] for path in at.names()] == ["rank-gauss"]
    assert check_names(at.names()) == []
    made = at.find("rank-gauss")
    assert {name in made.metadata["haste-competitions"] for name in ("churn", "ships")} == {True}
    closed = at.log.read("_skills/churn.r1")[-1].event
    assert isinstance(closed, CurationFinished)
    assert (closed.merged, closed.again) == (None, outer.stream)
    assert closed.note == "rank-gauss was changed meanwhile: judged again as _skills/churn.r1.again2"


def test_what_was_outrun_leaves_nothing_that_waits(tmp_path: Path) -> None:
    at = bench(tmp_path / "w")
    beside(at)
    streams = [(name, at.log.read(name)) for name in at.log.streams() if name.startswith("_skills/")]
    assert {review.state for review in reviews(streams).values()} == {"merged"}
    assert at.repository.branches("haste/skills/churn.r1") == {
        "haste/skills/churn.r1.again2": at.repository.tip("haste/skills/churn.r1.again2")
    }
    assert growth(streams)[-1].scopes["domain"] == 1


def test_killed_after_it_was_outrun_it_goes_on(tmp_path: Path) -> None:
    at = bench(tmp_path / "w")
    first = tell_run(at.log, learning("churn", title="Ranks help", text="Ranks helped the linear model."))

    def kill(one: Recorded) -> None:
        if isinstance(one.event, LearningJudged):
            other = tell_run(at.log, learning("ships", title="Ranks help", text="Ranks helped the linear model."))
            curate([other], at.ports, at.repository)
        if isinstance(one.event, CurationFinished):
            raise Killed

    with pytest.raises(Killed):
        curate([first], at.ports, at.repository, listen=kill)
    done = curate([first], at.ports, at.repository)
    assert done.stream == "_skills/churn.r1.again2"
    assert done.merged is not None
    assert "churn" in at.find("rank-gauss").metadata["haste-competitions"]
    assert curate([first], at.ports, at.repository) == done


def test_who_touches_other_skills_is_merged_at_once(tmp_path: Path) -> None:
    at = bench(tmp_path / "w")
    first = tell_run(at.log, learning("churn", title="Ranks help", text="Ranks helped the linear model."))

    def meanwhile(one: Recorded) -> None:
        if isinstance(one.event, LearningJudged):
            told = learning("ships", "spline-features", title="Splines help", text="Splines of numbers help.")
            curate([tell_run(at.log, told)], at.ports, at.repository)

    done = curate([first], at.ports, at.repository, listen=meanwhile)
    assert (done.before, len(at.names())) == ((), 2)
