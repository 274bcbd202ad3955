"""Deciding about promotions that wait: look at them, open a pull request, approve, reject, comment."""

from collections.abc import Sequence

from haste.core.commits import Trailer, compose_message
from haste.core.events import CurationStarted, PromotionReviewed, Recorded
from haste.core.lint import SKILL_FILE, Problem, check_names, folders_of
from haste.errors import LogError, ReviewError
from haste.orchestration.desk import Desk
from haste.orchestration.provenance import dependents, find_promotion, taken_back
from haste.ports import EventLog
from haste.projections.review_page import Page, page
from haste.projections.reviews import Review, waiting


def find_waiting(desk: Desk, name: str) -> list[Review]:
    """The promotions that `name` means: one, by its id, or all of a branch, by its name or a unique part of it."""
    found = desk.reviews()
    if one := found.get(name):
        if one.state == "being judged":
            raise _too_early(desk, one)
        if one.state != "waiting":
            raise ReviewError(f"{name} is decided: {one.state}", hint="haste-run review list --all")
        return [one]
    branches = waiting(found)
    close = [branch for branch in branches if name == branch] or [branch for branch in branches if name in branch]
    if len(close) == 1:
        return branches[close[0]]
    if not close:
        for branch, judged_now in waiting(found, "being judged").items():
            if name in branch:
                raise _too_early(desk, judged_now[0])
        raise ReviewError(f"nothing that waits is called {name!r}", hint="haste-run review list")
    raise ReviewError(f"{name!r} could be {', '.join(sorted(close)[:5])}", hint="type more of it")


def how_to_go_on(desk: Desk, review: Review) -> str:
    """What to type so that the curation which made a promotion comes to its end."""
    started = desk.log.read(review.event.partition("@")[0])[0].event
    runs = started.runs if isinstance(started, CurationStarted) else ()
    return desk.judged().command(runs[0]) if runs else "haste-run resume last"


def _too_early(desk: Desk, review: Review) -> ReviewError:
    """A decision now would take away the branch that the curation builds on."""
    return ReviewError(
        f"{review.branch} is still being judged and can't be decided about",
        hint=f"where nothing works on it, go on with it first: {how_to_go_on(desk, review)}",
    )


def show(desk: Desk, chosen: Sequence[Review]) -> Page:
    """What a reviewer needs to see of them."""
    branch, tip = chosen[0].branch, _tip(desk, chosen[0].branch)
    names = {review.skill for review in chosen}
    skills = [skill for skill in desk.skills.load(tip) if skill.name in names]
    base = _base(desk, tip)
    return page(
        branch,
        chosen,
        skills={skill.name: skill for skill in skills},
        evidence=desk.history.evidence(skills),
        problems=problems_of(desk, chosen),
        diff=desk.repository.diff(base, tip, "skills"),
        look=_Looking(desk.log).look,
    )


def problems_of(desk: Desk, chosen: Sequence[Review]) -> list[Problem]:
    """What lint says about the skills that a branch touches, and about their names beside those that stand now."""
    repository, tip = desk.repository, _tip(desk, chosen[0].branch)
    touched = {path.rsplit("/", 1)[0] for path in repository.changed(_base(desk, tip), tip, "skills")}
    if not touched:
        return []
    coming = {folder for folder in touched if repository.read(tip, f"{folder}/{SKILL_FILE}") is not None}
    standing = folders_of(repository.paths(repository.head(), "skills")) - touched
    named = [problem for problem in check_names(standing | coming) if problem.path in coming]
    return list(dict.fromkeys([*named, *desk.lint(tip, sorted(touched))]))


def approve(desk: Desk, chosen: Sequence[Review], comment: str = "") -> str:
    """Merge the branch of these promotions. Raises ReviewError where lint has something to say."""
    branch = chosen[0].branch
    all_of_it = waiting(desk.reviews())[branch]
    if len(chosen) < len(all_of_it):
        others = ", ".join(r.promotion for r in all_of_it if r not in chosen)
        raise ReviewError(
            f"{branch} holds {len(all_of_it)} promotions and is merged whole",
            hint=f"reject the others first ({others}), or approve {branch}",
        )
    tip = desk.repository.tip(branch)
    merged = desk.repository.head() if tip is None and _all_here(desk, chosen) else _merge(desk, branch, all_of_it)
    _decide(desk, all_of_it, "approved", comment, merged)
    if tip:
        desk.repository.delete_branch(branch, expected=tip)
    return merged


def reject(desk: Desk, chosen: Sequence[Review], comment: str) -> None:
    """Decline promotions. One out of several leaves its branch by a commit, so that the rest can be merged.

    Raises ReviewError for what was merged elsewhere, by a pull request or by hand, and records that it was.
    """
    here = {review.promotion for review in settle(desk)}
    if merged := [review.promotion for review in chosen if review.promotion in here]:
        told = f"{', '.join(merged)} {'is' if len(merged) == 1 else 'are'} merged already, nothing was rejected"
        raise ReviewError(told, hint=f"take it back: haste-run rollback {merged[-1]}")
    branch = chosen[0].branch
    rest = [review for review in waiting(desk.reviews())[branch] if review not in chosen]
    if rest:
        for review in reversed(chosen):
            _take_off(desk, review, comment)
    _decide(desk, chosen, "rejected", comment, "")
    tip = desk.repository.tip(branch)
    if not rest and tip:
        desk.repository.delete_branch(branch, expected=tip)


def remark(desk: Desk, chosen: Sequence[Review], text: str) -> None:
    """Say something about promotions without deciding."""
    _decide(desk, chosen, "commented", text, "")


def opened(desk: Desk, chosen: Sequence[Review], where: str) -> None:
    """Record that a pull request was opened."""
    _decide(desk, chosen, "opened", where, _tip(desk, chosen[0].branch))


def standing(desk: Desk) -> dict[str, Review]:
    """Every promotion and where it stands, also where it was merged elsewhere and nobody has recorded that."""
    known, head = desk.reviews(), desk.repository.head()
    return {
        name: review.model_copy(update={"state": "merged"}) if _merged_elsewhere(desk, head, review) else review
        for name, review in known.items()
    }


def settle(desk: Desk) -> list[Review]:
    """Record as approved what was merged elsewhere, by pull request: merged, rebased or squashed."""
    head = desk.repository.head()
    groups = waiting(desk.reviews()).values()
    here = [review for group in groups for review in group if _merged_elsewhere(desk, head, review)]
    if here:
        _decide(desk, here, "approved", "merged elsewhere", head)
    return here


def _merged_elsewhere(desk: Desk, head: str, review: Review) -> bool:
    return review.state == "waiting" and bool(find_promotion(desk.repository, head, review.promotion, review))


def _merge(desk: Desk, branch: str, chosen: Sequence[Review]) -> str:
    if problems := problems_of(desk, chosen):
        told = "; ".join(map(str, problems[:3]))
        raise ReviewError(f"lint refuses {branch}: {told}", hint=f"haste-run review show {branch}")
    count = f"{len(chosen)} change{'s' if len(chosen) > 1 else ''}"
    return desk.repository.merge(branch, f"skill(promote): merge {count} of {branch}\n", only=("skills",))


def _all_here(desk: Desk, chosen: Sequence[Review]) -> bool:
    head = desk.repository.head()
    return all(find_promotion(desk.repository, head, review.promotion, review) for review in chosen)


def _take_off(desk: Desk, review: Review, comment: str) -> None:
    """Undo one promotion on the branch where it waits."""
    tip = _tip(desk, review.branch)
    if taken_back(desk.repository, tip, review.promotion):
        return  # by a call that ended before it could say so
    found = find_promotion(desk.repository, tip, review.promotion, review)
    if found is None:
        raise ReviewError(f"{review.promotion} is not on {review.branch}", hint="haste-run review list")
    if rest := dependents(desk.repository, tip, found):
        raise ReviewError(
            f"{review.promotion} can't be rejected alone, others rest on it: {'; '.join(rest[:5])}",
            hint=f"reject those first, or all of it: haste-run review reject {review.branch}",
        )
    trailers: dict[str, str] = {Trailer.ROLLED_BACK: review.promotion}
    message = compose_message(f"skill(reject): {review.skill}", comment, trailers)
    desk.repository.publish(review.branch, found.before, message, seen=tip)


def _decide(desk: Desk, chosen: Sequence[Review], decision: str, comment: str, commit: str) -> None:
    events = [
        PromotionReviewed.model_validate(
            {"promotion": r.promotion, "decision": decision, "by": desk.by, "comment": comment, "commit": commit}
        )
        for r in chosen
    ]
    desk.record(*events)
    desk.publish(f"skill(review): {decision} {chosen[0].branch or chosen[0].skill}")


def _tip(desk: Desk, branch: str) -> str:
    tip = desk.repository.tip(branch) if branch else None
    if tip is None:
        raise ReviewError(f"the branch {branch!r} is not here", hint="git fetch, or haste-run sync OTHER-WORKSPACE")
    return tip


def _base(desk: Desk, tip: str) -> str:
    """The commit that the branch was made from."""
    own = desk.repository.history(tip, since=desk.repository.head())
    return own[-1].parents[0] if own and own[-1].parents else desk.repository.head()


class _Looking:
    """Single events out of streams, each read once."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._read: dict[str, list[Recorded]] = {}

    def look(self, stream: str, position: int) -> Recorded | None:
        """One event; None where it can't be read."""
        if stream not in self._read:
            try:
                self._read[stream] = self._log.read(stream)
            except LogError:
                self._read[stream] = []
        recorded = self._read[stream]
        return recorded[position] if position < len(recorded) else None
