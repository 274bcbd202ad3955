"""Runs in the states that the prompt kinds speak of, for golden files and for measuring."""

from claude.support import CODE, Desk, desk, skill
from haste.core.learning import Learning, Recipe
from haste.core.scope import Scope
from haste.core.solution import FailureMode
from haste.engineers.claude import composing
from haste.engineers.claude.ledger import Ledger, find_model
from haste.engineers.claude.prompting import Prompt

SKILLS = (
    skill("trust-paired-folds", body="Compare fold by fold.", loaded=4, kept=3, reverted=1, gain=0.02, error=0.01),
    skill("group-statistics", "domain", "tabular", body="Means by group.\n\nHurts small groups."),
    skill("rooms-by-street", "competition", "rooms", body="Streets matter more than size."),
)


def at_the_start(**more: object) -> Desk:
    """Nothing was tried yet."""
    return desk("unused", skills=SKILLS, **more)  # type: ignore[arg-type]


def in_refinement(changes: int = 3) -> Desk:
    """One prototype and some changes, of which every third was kept."""
    made = at_the_start()
    made.prototypes_done()
    for number in range(changes):
        gain = 0.004 if number % 3 == 0 else -0.002
        best = made.state.tracks[0].best
        part, said = ("model", "features")[number % 2], f"Change {number}."
        made.change(gain, best, move=f"change-{number}", part=part, summary=said)
    return made


def failed_twice() -> Desk:
    """A change that crashed, and a mend of it that crashed as well."""
    made = in_refinement(1)
    broken = made.solution(CODE.replace("fillna", "filna"), track=0, parent="s002", move="fill-gaps",
                           diagnosis=FailureMode.FEATURE_GAP)  # fmt: skip
    made.fail(broken, "AttributeError: no attribute 'filna'", "Traceback (most recent call last): …")
    mend = made.solution(
        CODE.replace("floor", "flor"), track=0, parent="s002", mends=broken, summary="Spell it right."
    )
    made.fail(mend, "KeyError: 'flor'", "Traceback (most recent call last): …")
    return made


def ledger_of(at: Desk) -> Ledger:
    """The account of a run."""
    model = find_model(at.settings.model, at.settings.prices)
    return Ledger(model, at.settings, spent_usd=at.state.usd, spent_tokens=at.state.output_tokens)


def learning(**changes: object) -> Learning:
    """One learning, as a run of another competition found it."""
    values: dict[str, object] = {
        "id": "flats/1#1", "title": "Means by street help", "text": "Means of the target by street carry it.",
        "recipe": Recipe(move="group-statistics", gain=0.03, error=0.01, trials=5), "tier": Scope.DOMAIN,
        "competition": "flats", "domain": "tabular", "metric": "rmse", "engineer": "claude", "run": "flats/1",
    }  # fmt: skip
    return Learning.model_validate(values | changes)


def every_prompt() -> dict[str, Prompt]:
    """One prompt of each kind, and the levels of escalation."""
    start, middle, broken = at_the_start(), in_refinement(), failed_twice()

    def improve(at: Desk, escalation: int) -> Prompt:
        best = at.state.tracks[0].best
        return composing.improve_prompt(
            at.state, at.context, ledger_of(at), parent=best, code=CODE, track=0, escalation=escalation, detail=0
        )

    last = f"s{len(broken.state.candidates):03d}"
    return {
        "domain": composing.domain_prompt(desk("unused", domain=None).state, 0),
        "draft": composing.draft_prompt(start.state, start.context, ledger_of(start), 0, 0),
        "draft-third": composing.draft_prompt(middle.state, middle.context, ledger_of(middle), 2, 0),
        "improve": improve(middle, 0),
        "improve-escalated": improve(middle, 1),
        "improve-escalated-twice": improve(middle, 2),
        "debug": composing.debug_prompt(
            broken.state, broken.context, ledger_of(broken), solution=last, code=CODE, detail=0
        ),
        "distil": composing.distil_prompt(middle.state, middle.context, 0),
        "judge": composing.judge_prompt(learning(), SKILLS, [learning(id="x", competition="huts")], 0),
    }
