"""The changes that moves make to a text plan: pure functions, None where nothing would change."""

from collections.abc import Callable

from haste.engineers.offline.outcome import is_tunable, shape_of
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.text.drafts import characters, other_columns, words
from haste.engineers.offline.text.plan import DENSE, Member, TextPlan, Vocabulary

LINEAR = ("logistic", "ratios", "ridge")


def changed(plan: TextPlan, **fields: object) -> TextPlan | None:
    """The plan with other fields, checked anew; None when that is the plan itself."""
    after = TextPlan.model_validate({**plan.model_dump(), **fields})
    return after if after != plan else None


def stacked(plan: TextPlan, *more: Member) -> TextPlan | None:
    """The plan with more members under a stack; None when they are all there and stacked already."""
    members = tuple(dict.fromkeys((*_keyed(plan.members), *_keyed(more))).keys())
    known = {_key(m): m for m in (*plan.members, *more)}
    blend = plan.blend if plan.blend != "mean" else "stacked"
    return changed(plan, members=[known[k] for k in members], blend=blend, inner=max(plan.inner, 5))


def rewritten(plan: TextPlan, change: Callable[[Vocabulary], Vocabulary]) -> TextPlan | None:
    """The plan with every vocabulary changed."""
    members = [m.model_copy(update={"reads": tuple(dict.fromkeys(map(change, m.reads)))}) for m in plan.members]
    return changed(plan, members=members)


def whole_family(plan: TextPlan, problem: Problem) -> TextPlan | None:
    """Every quick model that errs in its own way, stacked."""
    others = other_columns(problem)
    looks = Member(kind="boosting", dense=("components", "surface", *others) if others else ("surface",))
    if not shape_of(problem).classifier:
        both = Member(kind="ridge", reads=(words(problem), characters(problem)), dense=others)
        return stacked(plan, both, Member(kind="boosting", dense=("components", "surface", *others)))
    return stacked(
        plan,
        Member(kind="bayes", reads=(words(problem, rare=1),)),
        Member(kind="bayes", reads=(characters(problem),)),
        Member(kind="bayes", reads=(words(problem, rare=1),), parameters={"flavour": "complement"}),
        Member(kind="ratios", reads=(words(problem, 3),)),
        Member(kind="ratios", reads=(characters(problem, 1, lowercase=False),)),
        looks,
    )


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
    own = characters(problem)
    if plan.blend != "mean":
        kind = "ratios" if shape_of(problem).classifier else "ridge"
        return stacked(plan, Member(kind=kind, reads=(own,)))
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
        return stacked(plan, Member(kind="ratios", reads=(words(problem),)))
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
    return changed(plan, decode="tuned", inner=max(plan.inner, 5)) if is_tunable(problem) else None


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


def _key(member: Member) -> str:
    return member.model_dump_json()


def _keyed(members: tuple[Member, ...]) -> list[str]:
    return [_key(m) for m in members]
