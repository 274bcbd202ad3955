"""Which finished runs still wait for the judging of what they learned, and who goes on with it."""

from collections.abc import Sequence

import pytest

from haste.adapters.fakes import MemoryLog
from haste.core import events as e
from haste.core.evolve import rebuild
from haste.core.learning import Verdict
from haste.core.run import RunState
from haste.projections.judged import judged
from judging.stories import learning, tell_run
from projections.streams import stream

TOLD = learning()
STARTED = e.CurationStarted(runs=(TOLD.run,), branch="b", commit="c", review="auto", engineer="offline")
JUDGED = e.LearningJudged(learning=TOLD, verdict=Verdict(decision="skip", reason="r"))


def _finished() -> RunState:
    log = MemoryLog()
    return rebuild(log.read(tell_run(log, TOLD)))


@pytest.mark.parametrize(
    ("curation", "waits"),
    [
        ([], True),
        ([STARTED], True),
        ([STARTED, JUDGED], True),
        ([STARTED, JUDGED, e.CurationFinished(merged=None, again="_skills/x.again2")], True),
        ([STARTED, JUDGED, e.CurationFinished(merged=None)], False),
        ([JUDGED], False),
    ],
)
def test_a_run_waits_until_all_of_it_is_judged_and_carried_out(curation: Sequence[e.Event], waits: bool) -> None:
    assert judged([stream("_skills/x", curation)]).waits(_finished()) is waits


def test_the_campaign_judges_its_runs_until_their_round_is_finished() -> None:
    begun = e.RoundStarted(number=1, runs={"/c/churn": TOLD.run}, commit="c")
    ended = e.RoundFinished(number=1, finished=(TOLD.run,), failed=(), promoted=0)
    other = stream("_campaigns/two", [e.RoundFinished(number=1, finished=(), failed=(), promoted=0)])
    going = judged([stream("_campaigns/one", [begun]), other])
    assert going.command(TOLD.run) == "haste-run campaign --resume _campaigns/one"
    over = judged([stream("_campaigns/one", [begun, ended])])
    assert over.command(TOLD.run) == f"haste-run resume {TOLD.run}"
