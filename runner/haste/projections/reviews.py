"""Where every promotion stands: waiting, merged, rejected, rolled back; told from the logs alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from haste.core import events as e
from haste.core.learning import Recipe
from haste.core.model import Frozen

Kind = Literal["promote", "amend", "conflict", "retire"]
State = Literal["being judged", "waiting", "merged", "rejected", "rolled back"]
"""A promotion is `being judged` until its curation is finished: that builds on its branch and may merge it."""

Streams = Iterable[tuple[str, Sequence[e.Recorded]]]


class Comment(Frozen):
    """What somebody said about a promotion, or did with it."""

    at: str
    by: str
    decision: str
    text: str = ""


class Review(Frozen):
    """One promotion and what became of it."""

    promotion: str
    kind: Kind
    skill: str
    scope: str = ""
    path: str = ""
    version: str = ""
    commit: str
    branch: str = ""
    learning: str = ""
    reason: str = ""
    at: str
    event: str
    """`<stream>@<position>` where it was recorded."""
    state: State = "waiting"
    comments: tuple[Comment, ...] = ()
    loaded_by: tuple[str, ...] = ()
    """The runs that had loaded the skill when it was rolled back."""
    rule: str = ""
    """Of a retirement: the rule that called for it; '' where a person did."""
    recipe: Recipe | None = None
    """Of a retirement: what the skill claimed."""


@dataclass
class _Stream:
    """What is known of the stream that is being read."""

    branch: str = ""
    open: bool = False
    """Whether it is a curation that goes on, or was stopped before its end."""
    made: list[str] = field(default_factory=list)


def reviews(streams: Streams) -> dict[str, Review]:
    """Every promotion of the streams under `_skills/`, by id, in the order of time."""
    recorded = [(name, one) for name, stream in streams if name.startswith("_skills/") for one in stream]
    found: dict[str, Review] = {}
    known: dict[str, _Stream] = {}
    for name, one in sorted(recorded, key=lambda pair: (pair[1].envelope.at, pair[0], pair[1].envelope.position)):
        _take(found, known.setdefault(name, _Stream()), one)
    return found


def waiting(found: Mapping[str, Review], state: State = "waiting") -> dict[str, list[Review]]:
    """The promotions that wait for a decision, or those of another state, by branch."""
    branches: dict[str, list[Review]] = {}
    for review in found.values():
        if review.state == state:
            branches.setdefault(review.branch, []).append(review)
    return branches


def refused_before(found: Mapping[str, Review], skill: str) -> Review | None:
    """What people last said against a skill of this name, if nothing of it was merged since.

    A promotion that was rejected or rolled back, or a retirement by hand. A retirement that a rule called for is
    undone by evidence, and one that was taken back speaks for the skill.
    """
    last: Review | None = None
    for review in found.values():
        if review.skill == skill and review.state not in ("being judged", "waiting"):
            against = review.state in ("rejected", "rolled back")
            if review.kind == "retire":
                against = review.state == "merged" and not review.rule
            last = review if against else None
    return last


def retired(found: Mapping[str, Review]) -> list[Review]:
    """The retirements that a rule called for and that stand: nothing of the skill was merged since."""
    last: dict[str, Review] = {}
    for review in found.values():
        if review.state == "merged":
            last[review.skill] = review
    return [review for review in last.values() if review.kind == "retire" and review.rule]


def returned(found: Mapping[str, Review]) -> dict[str, str]:
    """When each skill came back, by name, that a rule had retired: what was tried before speaks of the old one."""
    gone: set[str] = set()
    back: dict[str, str] = {}
    for review in found.values():
        if review.state == "merged" and review.kind == "retire" and review.rule:
            gone.add(review.skill)
        elif review.state == "merged" and review.kind == "promote" and review.skill in gone:
            gone.remove(review.skill)
            back[review.skill] = review.at
    return back


def kept_by_people(found: Mapping[str, Review], skill: str) -> bool:
    """Whether a retirement of the skill waits, or was rejected or taken back: it isn't proposed again."""
    states = [review.state for review in found.values() if review.kind == "retire" and review.skill == skill]
    return bool(states) and states[-1] != "merged"


def _take(found: dict[str, Review], stream: _Stream, one: e.Recorded) -> None:
    event = one.event
    if isinstance(event, e.CurationStarted):
        stream.branch, stream.open = event.branch, True
    elif isinstance(event, e.CurationFinished):
        _close(found, stream, event)
    elif isinstance(event, e.PromotionReviewed):
        if review := found.get(event.promotion):
            found[event.promotion] = _reviewed(review, event, one.envelope.at)
    elif isinstance(event, e.PromotionRolledBack):
        if review := found.get(event.promotion):
            told = Comment(at=one.envelope.at, by="", decision="rolled back", text=event.reason)
            update = {"state": "rolled back", "comments": (*review.comments, told), "loaded_by": event.loaded_by}
            found[event.promotion] = review.model_copy(update=update)
    elif review := _made(event, one, stream.branch):
        found.pop(review.promotion, None)
        state: State = "being judged" if stream.open else "waiting"
        found[review.promotion] = review.model_copy(update={"state": state})
        stream.made.append(review.promotion)


def _close(found: dict[str, Review], stream: _Stream, event: e.CurationFinished) -> None:
    """What a curation made is merged, or waits; where all is judged again, it is no promotion."""
    stream.open = False
    for promotion in stream.made:
        if event.again:
            found.pop(promotion, None)
        elif event.merged:
            found[promotion] = found[promotion].model_copy(update={"state": "merged"})
        elif found[promotion].state == "being judged":
            found[promotion] = found[promotion].model_copy(update={"state": "waiting"})


def _reviewed(review: Review, event: e.PromotionReviewed, at: str) -> Review:
    told = Comment(at=at, by=event.by, decision=event.decision, text=event.comment)
    states: dict[str, State] = {"approved": "merged", "rejected": "rejected"}
    state = states.get(event.decision, review.state)
    return review.model_copy(update={"state": state, "comments": (*review.comments, told)})


def _made(event: e.AnyEvent, one: e.Recorded, branch: str) -> Review | None:
    """The promotion that an event records, or None for an event of another kind."""
    place = f"{one.envelope.run}@{one.envelope.position}"
    facts = {"at": one.envelope.at, "event": place, "branch": branch}
    if isinstance(event, e.SkillPromoted):
        told = event.model_dump(exclude={"type"})
        return Review.model_validate({**facts, **told, "kind": "promote"})
    if isinstance(event, e.SkillAmended):
        told = event.model_dump(exclude={"type", "summary"})
        return Review.model_validate({**facts, **told, "kind": "amend", "reason": event.summary})
    if isinstance(event, e.ConflictAnnotated):
        told = event.model_dump(exclude={"type", "other", "conditions"})
        reason = f"contradicts {event.other}; holds where {event.conditions}"
        return Review.model_validate({**facts, **told, "kind": "conflict", "reason": reason})
    if isinstance(event, e.SkillRetired):
        told = event.model_dump(exclude={"type"})
        return Review.model_validate({**facts, **told, "kind": "retire"})
    return None
