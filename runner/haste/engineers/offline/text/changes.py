"""The changes that moves make to a text plan: pure functions, None where nothing would change."""

from collections.abc import Callable

from haste.engineers.offline.outcome import is_tunable, shape_of
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.text.drafts import affords_characters, characters, other_columns, words
from haste.engineers.offline.text.plan import DENSE, Member, MemberKind, TextPlan, Vocabulary

MANY_ROWS = 1500
"""From so many rows on trees may share in a stack."""

LINEAR = ("logistic", "ratios", "ridge")


def changed(plan: TextPlan, **fields: object) -> TextPlan | None:
    """The plan with other fields, checked anew; None when that is the plan itself."""
    after = TextPlan.model_validate({**plan.model_dump(), **fields})
    return after if after != plan else None


def stacked(plan: TextPlan, *more: Member) -> TextPlan | None:
    """The plan with more members under a stack; None when they are all there and stacked already."""
    members = {m.model_dump_json(): m for m in (*plan.members, *more)}
    blend = plan.blend if plan.blend != "mean" else "stacked"
    return changed(plan, members=list(members.values()), blend=blend, inner=max(plan.inner, 4))


def rewritten(plan: TextPlan, change: Callable[[Vocabulary], Vocabulary]) -> TextPlan | None:
    """The plan with every vocabulary changed."""
    members = [m.model_copy(update={"reads": tuple(dict.fromkeys(map(change, m.reads)))}) for m in plan.members]
    return changed(plan, members=members)


def reads(plan: TextPlan, kind: MemberKind, unit: str) -> bool:
    """Whether a member of this kind reads n-grams of this unit."""
    return any(member.kind == kind and any(v.unit == unit for v in member.reads) for member in plan.members)


def whole_family(plan: TextPlan, problem: Problem) -> TextPlan | None:
    """Every quick model that errs in its own way, stacked."""
    others = other_columns(problem)
    if not shape_of(problem).classifier:
        read = (words(problem), characters(problem)) if affords_characters(problem) else (words(problem),)
        both = Member(kind="ridge", reads=read, dense=others)
        return stacked(plan, both, Member(kind="boosting", dense=("components", "surface", *others)))
    every, letters = words(problem, rare=1), characters(problem, 1, lowercase=False)
    more = [
        Member(kind="logistic", reads=(words(problem),)),
        Member(kind="bayes", reads=(every,)),
        Member(kind="bayes", reads=(every,), parameters={"flavour": "complement"}),
        Member(kind="ratios", reads=(words(problem, 3),)),
        Member(kind="boosting", dense=("components", "surface", *others) if others else ("surface",)),
    ]
    if affords_characters(problem):
        more.append(Member(kind="bayes", reads=(letters,)))
        more.append(Member(kind="ratios", reads=(letters,), parameters={"C": 10.0}))
    after = stacked(plan, *more)
    return after and (changed(after, blend="boosted") if problem.profile.rows >= MANY_ROWS else after)


def blended(plan: TextPlan, problem: Problem) -> TextPlan | None:
    """Naive Bayes and log-count ratios averaged with what is there."""
    if not shape_of(problem).classifier or plan.blend != "mean" or len(plan.members) > 2:
        return None
    kinds = {m.kind for m in plan.members}
    more: list[Member] = []
    if "bayes" not in kinds:
        more.append(Member(kind="bayes", reads=(words(problem, rare=1),)))
    if "ratios" not in kinds:
        more.append(Member(kind="ratios", reads=(words(problem),)))
    if "logistic" not in kinds:
        more.append(Member(kind="logistic", reads=(words(problem),)))
    return changed(plan, members=[*plan.members, *more])


def with_characters(plan: TextPlan, problem: Problem) -> TextPlan | None:
    """Characters beside words in the linear members; in a stack of their own, where there is a stack."""
    if not affords_characters(problem):
        return None
    own = characters(problem)
    if plan.blend != "mean":
        kind: MemberKind = "ratios" if shape_of(problem).classifier else "ridge"
        return None if reads(plan, kind, "characters") else stacked(plan, Member(kind=kind, reads=(own,)))
    members = [
        m.model_copy(update={"reads": (*m.reads, own)})
        if m.kind in LINEAR and all(v.unit == "words" for v in m.reads)
        else m
        for m in plan.members
    ]
    return changed(plan, members=members)


def with_ratios(plan: TextPlan, problem: Problem) -> TextPlan | None:
    """Log-count ratios in place of plain TF-IDF; in a stack beside it."""
    if not shape_of(problem).classifier:
        return None
    if plan.blend != "mean":
        there = reads(plan, "ratios", "words")
        return None if there else stacked(plan, Member(kind="ratios", reads=(words(problem),)))
    members = [
        Member(kind="ratios", reads=m.reads) if m.kind == "logistic" and not m.dense else m for m in plan.members
    ]
    return changed(plan, members=members)


def penalized(plan: TextPlan, factor: float) -> TextPlan | None:
    """Linear members and naive Bayes held less (factor above 1) or more tightly."""
    members = [_penalized(m, factor) for m in plan.members]
    return changed(plan, members=members)


def _penalized(member: Member, factor: float) -> Member:
    starts = {"logistic": ("C", 10.0, 1.0), "ratios": ("C", 30.0, 1.0), "ridge": ("alpha", 1.0, -1.0)}
    starts |= {"kernel": ("C", 1.0, 1.0), "bayes": ("alpha", 0.03, -1.0)}
    if member.kind not in starts:
        return member
    name, start, sense = starts[member.kind]
    if member.parameters.get("flavour", "multinomial") != "multinomial":
        start = 0.3
    value = float(member.parameters.get(name, start)) * factor**sense  # type: ignore[call-overload]
    return member.model_copy(update={"parameters": {**member.parameters, name: float(f"{value:.3g}")}})


def decided(plan: TextPlan, problem: Problem) -> TextPlan | None:
    """Labels decided by what is best for the metric out of fold."""
    return changed(plan, decode="tuned", inner=max(plan.inner, 4)) if is_tunable(problem) else None


def with_columns(plan: TextPlan, problem: Problem) -> TextPlan | None:
    """The table's other columns beside the texts, or, in a stack, trees that read them."""
    others = other_columns(problem)
    if not others:
        return None
    if plan.blend != "mean" and not any(m.kind in DENSE for m in plan.members):
        return stacked(plan, Member(kind="boosting", dense=("components", "surface", *others)))
    members = [
        m.model_copy(update={"dense": (*m.dense, *others)})
        if m.kind in ("logistic", "ridge", "boosting", "kernel") and not set(others) & set(m.dense)
        else m
        for m in plan.members
    ]
    return changed(plan, members=members)
