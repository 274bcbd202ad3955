"""A campaign over logs in which a skill was followed and hurt: exactly these events, exactly these commits."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from campaign.stories import followed
from haste.adapters.fakes import FixedClock
from haste.core import events as e
from haste.core.learning import Learning
from haste.core.scope import Scope
from haste.orchestration.campaign import CampaignPorts, campaign_to_end
from haste.projections.reviews import reviews
from haste.settings import Settings
from judging.stories import Bench, bench, learning, skill, tell_run

RANKS = skill("rank-numbers", "rank-gauss", metadata={"haste-competitions": '["used-cars"]'})
SPLINES = learning("apples", "spline-features", title="Splines help", text="Splines helped the linear model.")


class ToldPool:
    """Runs that end at once in what they are said to have learned."""

    def __init__(self, at: Bench, told: Sequence[Learning]) -> None:
        self.at, self.told = at, {one.competition: one for one in told}

    def work(self, runs: Mapping[str, str], settings: Settings, *, parallel: int) -> None:
        for run in runs:
            tell_run(self.at.log, self.told[run.partition("/")[0]].model_copy(update={"run": run}))

    def said(self, run: str) -> str:
        return ""

    def close(self) -> None:
        """Nothing runs by itself."""


def campaign(at: Bench, *told: Learning, review: str = "auto", name: str = "one") -> list[e.AnyEvent]:
    """A campaign of one round for each learning; the events of its curations."""
    ports = CampaignPorts(
        clock=FixedClock(),
        log=at.log,
        skills=at.ports.skills,
        history=at.ports.history,
        engineer=at.ports.engineer,
        repository=at.repository,
        pool=ToldPool(at, told),
    )
    stream = f"_campaigns/{name}"
    names = {f"/c/{one.competition}": one.competition for one in told}
    settings = Settings.model_validate({"review": review})
    plan = {"rounds": [[folder] for folder in names], "retries": 0, "parallel": 1}
    started = e.CampaignStarted(competitions=tuple(names), settings=settings, plan=plan)
    at.log.append(stream, started, expected=0)
    campaign_to_end(stream, names, ports)
    mine = [s for s in at.log.streams() if s.startswith("_skills/") and f".{name}-" in s]
    mine.sort(key=lambda stream: int(stream.rpartition("-r")[2]))
    return [one.event for s in mine for one in at.log.read(s)]


def hurt_everywhere(at: Bench) -> None:
    """Three changes in two competitions, each clearly worse."""
    for run in ("churn/a", "ships/a", "churn/b"):
        followed(at.log, run, RANKS.name, version=RANKS.version, gain=-0.02)


def ranks_help(competition: str) -> Learning:
    """What the retired skill claimed, seen by a run that had not loaded it."""
    text = "Numbers turned into ranks helped the linear model."
    return learning(competition, title="Ranks help", text=text, error=0.002)


def subjects(at: Bench) -> list[str]:
    return [c.subject for c in at.repository.history(at.repository.head()) if c.promotion]


def test_between_its_rounds_a_skill_that_hurt_is_retired_by_a_commit_of_its_own(tmp_path: Path) -> None:
    at = bench(tmp_path / "w", RANKS)
    hurt_everywhere(at)
    told = campaign(at, SPLINES)
    assert [type(one).__name__ for one in told] == [
        "CurationStarted", "LearningJudged", "SkillPromoted", "SkillRetired", "CurationFinished",
    ]  # fmt: skip
    gone = told[3]
    assert isinstance(gone, e.SkillRetired)
    assert (gone.skill, gone.path, gone.rule) == (RANKS.name, RANKS.path, "contradicted")
    assert gone.reason.startswith("it says the opposite of -0.020 (")
    assert gone.reason.endswith("over 3 changes in 2 competitions")
    assert gone.recipe == RANKS.recipe
    assert list(at.names()) == ["skills/domains/tabular/spline-features"]
    assert subjects(at) == ["skill(retire): rank-numbers", "skill(promote): spline-features to domain tabular"]
    commit = next(c for c in at.repository.history(at.repository.head()) if c.promotion == gone.promotion)
    assert commit.id == gone.commit
    assert commit.paths == (f"{RANKS.path}/SKILL.md",)
    assert commit.trailers["Haste-Decision"] == "retire"
    assert gone.reason in commit.body
    (finished,) = [r.event for r in at.log.read("_campaigns/one") if isinstance(r.event, e.RoundFinished)]
    assert (finished.promoted, finished.retired) == (1, 1)
    assert reviews((s, at.log.read(s)) for s in at.log.streams())[gone.promotion].state == "merged"


def test_a_retirement_needs_no_new_learning(tmp_path: Path) -> None:
    at = bench(tmp_path / "w", RANKS)
    campaign(at, SPLINES)
    hurt_everywhere(at)
    nothing = SPLINES.model_copy(update={"title": "It helped", "text": "It helped."})
    told = campaign(at, nothing, name="two")
    assert [type(one).__name__ for one in told][-2:] == ["SkillRetired", "CurationFinished"]
    assert RANKS.path not in at.names()


def test_a_retired_skill_comes_back_on_new_evidence_alone(tmp_path: Path) -> None:
    at = bench(tmp_path / "w", RANKS)
    hurt_everywhere(at)
    told = campaign(at, SPLINES, ranks_help("pears"))
    (judged,) = [x for x in told if isinstance(x, e.LearningJudged) and x.learning.competition == "pears"]
    assert judged.verdict.decision == "skip"
    assert judged.verdict.reason.startswith("rank-numbers was retired (contradicted), and with this sighting all")
    assert list(at.names()) == ["skills/domains/tabular/spline-features"]
    several = [ranks_help(name) for name in ("plums", "figs", "limes", "dates", "kiwis", "quinces")]
    told = campaign(at, *several, name="two")
    verdicts = [(x.verdict.decision, x.change) for x in told if isinstance(x, e.LearningJudged)]
    assert verdicts[:4] == [("skip", "none"), ("skip", "none"), ("skip", "none"), ("domain", "promote")]
    assert verdicts[4:] == [("skip", "amend"), ("skip", "amend")]
    assert subjects(at)[2] == "skill(promote): rank-gauss to domain tabular"


def test_a_skill_that_came_back_is_judged_by_what_was_tried_since(tmp_path: Path) -> None:
    ranks = skill("rank-gauss", "rank-gauss", metadata={"haste-competitions": '["used-cars"]'})
    at = bench(tmp_path / "w", ranks)
    for run in ("churn/a", "ships/a", "churn/b"):
        followed(at.log, run, ranks.name, version=ranks.version, gain=-0.02)
    campaign(at, SPLINES)
    assert ranks.path not in at.names()
    campaign(
        at, *(ranks_help(name) for name in ("plums", "figs", "limes", "dates", "kiwis", "quinces")), name="two"
    )
    nothing = SPLINES.model_copy(update={"title": "It helped", "text": "It helped."})
    campaign(at, nothing, name="three")
    assert ranks.path in at.names()
    for run in ("churn/c", "ships/c", "churn/d"):
        followed(at.log, run, ranks.name, version=at.names()[ranks.path], gain=-0.02)
    told = campaign(at, nothing, name="four")
    (gone,) = [x for x in told if isinstance(x, e.SkillRetired)]
    assert gone.reason.endswith("over 3 changes in 2 competitions")
    assert ranks.path not in at.names()


def test_many_runs_of_one_competition_bring_no_retired_skill_back(tmp_path: Path) -> None:
    at = bench(tmp_path / "w", RANKS)
    hurt_everywhere(at)
    campaign(at, SPLINES)
    for number in range(6):
        told = campaign(at, ranks_help("plums"), name=f"more{number}")
        (judged,) = [x for x in told if isinstance(x, e.LearningJudged)]
        assert judged.verdict.decision == "skip"
        assert judged.verdict.reason.startswith("rank-numbers was retired")
    assert list(at.names()) == ["skills/domains/tabular/spline-features"]


def test_with_pull_request_review_it_leaves_a_branch_and_is_asked_once(tmp_path: Path) -> None:
    at = bench(tmp_path / "w", RANKS)
    hurt_everywhere(at)
    plums = learning("plums", "log-features", title="Logs help", text="Logarithms helped the linear model.")
    told = campaign(at, SPLINES, plums, review="pull-request")
    (gone,) = [x for x in told if isinstance(x, e.SkillRetired)]
    assert list(at.names()) == [RANKS.path]
    (first, second) = [x for x in told if isinstance(x, e.CurationStarted)]
    assert at.repository.tip(first.branch) == gone.commit
    assert RANKS.path not in at.names(at.repository.tip(first.branch))
    assert RANKS.path in at.names(at.repository.tip(second.branch))
    finished = [x for x in told if isinstance(x, e.CurationFinished)]
    assert finished[0].note == f"2 changes wait for review on {first.branch}"


def test_a_scope_over_its_cap_loses_the_one_that_has_shown_least(tmp_path: Path) -> None:
    own = [
        skill(f"apples-{n}", f"move-{n}", gain=0.02 * (n + 1), scope=Scope.COMPETITION, owner="apples")
        for n in range(9)
    ]
    at = bench(tmp_path / "w", *own)
    told = campaign(at, SPLINES)
    (gone,) = [x for x in told if isinstance(x, e.SkillRetired)]
    assert (gone.skill, gone.rule) == ("apples-0", "over the cap")
    assert len([path for path in at.names() if path.startswith("skills/competitions/apples/")]) == 8


@pytest.mark.parametrize("decision", ["taken back", "rejected"])
def test_what_people_kept_is_not_proposed_again(tmp_path: Path, decision: str) -> None:
    at = bench(tmp_path / "w", RANKS)
    hurt_everywhere(at)
    review = "auto" if decision == "taken back" else "pull-request"
    (gone,) = [x for x in campaign(at, SPLINES, review=review) if isinstance(x, e.SkillRetired)]
    if decision == "taken back":
        back: e.Event = e.PromotionRolledBack(promotion=gone.promotion, skill=gone.skill, commit="c", reason="no")
        at.repository.publish("back", {f"{RANKS.path}/SKILL.md": _text(at, gone)}, "back\n")
        at.repository.merge("back", "back\n")
    else:
        back = e.PromotionReviewed(promotion=gone.promotion, decision="rejected", by="Ann")
    at.log.append("_skills/review-1", back, expected=0)
    plums = learning("plums", "log-features", title="Logs help", text="Logarithms helped the linear model.")
    told = campaign(at, plums, name="two")
    assert [x for x in told if isinstance(x, e.SkillRetired)] == []
    assert RANKS.path in at.names()


def _text(at: Bench, gone: e.SkillRetired) -> bytes:
    (parent,) = next(c for c in at.repository.history(gone.commit, limit=1)).parents
    data = at.repository.read(parent, f"{RANKS.path}/SKILL.md")
    assert data is not None
    return data
