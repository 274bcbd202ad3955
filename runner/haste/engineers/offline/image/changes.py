"""The changes that moves make to an image plan: pure functions, None where nothing would change."""

from haste.engineers.offline.image.drafts import boosting, kernel, network, other_columns
from haste.engineers.offline.image.plan import Block, ImagePlan, Member, MemberKind, Parameter
from haste.engineers.offline.outcome import is_tunable
from haste.engineers.offline.problem import Problem


def changed(plan: ImagePlan, **fields: object) -> ImagePlan | None:
    """The plan with other fields, checked anew; None when that is the plan itself."""
    after = ImagePlan.model_validate({**plan.model_dump(), **fields})
    return after if after != plan else None


def joined(plan: ImagePlan, member: Member) -> ImagePlan | None:
    """The plan with one more member; None where one of its kind is there."""
    return None if plan.uses(member.kind) else changed(plan, members=[*plan.members, member])


def networks(plan: ImagePlan, name: Parameter, start: float, factor: float, most: float) -> ImagePlan | None:
    """The plan whose networks have more of something, up to a limit."""
    members = []
    for member in plan.members:
        now = float(member.parameters.get(name, start))
        more = {**member.parameters, name: min(most, round(now * factor))}
        grows = member.kind == "network" and now < most
        members.append(member.model_copy(update={"parameters": more}) if grows else member)
    return changed(plan, members=members)


def augmented(plan: ImagePlan, **fields: object) -> ImagePlan | None:
    """The plan whose networks see training pictures changed in other ways."""
    if not plan.uses("network"):
        return None
    return changed(plan, changes=plan.changes.model_copy(update=fields).model_dump())


def reading(plan: ImagePlan, block: Block, kinds: tuple[MemberKind, ...]) -> ImagePlan | None:
    """The plan whose members of these kinds read one more block of features."""
    members = [
        m.model_copy(update={"reads": (*m.reads, block)}) if m.kind in kinds and block not in m.reads else m
        for m in plan.members
    ]
    return changed(plan, members=members)


def with_gradients(plan: ImagePlan, problem: Problem) -> ImagePlan | None:
    """Histograms of gradients: for members on features, or in a member of their own beside a network."""
    return reading(plan, "gradients", ("kernel", "boosting", "linear")) or _beside(plan, kernel(problem))


def with_colours(plan: ImagePlan, problem: Problem) -> ImagePlan | None:
    """Colour statistics: for members on features, or in trees beside a network."""
    return reading(plan, "colours", ("kernel", "boosting", "linear")) or _beside(plan, boosting(problem))


def with_columns(plan: ImagePlan, problem: Problem) -> ImagePlan | None:
    """The table's other columns: for members on features, or in trees beside a network."""
    if not other_columns(problem):
        return None
    return reading(plan, "columns", ("kernel", "boosting", "linear")) or _beside(plan, boosting(problem))


def blended(plan: ImagePlan, problem: Problem) -> ImagePlan | None:
    """A network and a kernel machine averaged."""
    more = [] if plan.uses("network") or "torch" not in problem.packages else [network(problem)]
    also = kernel(problem)
    more += [] if plan.uses(also.kind) else [also]
    return changed(plan, members=[*plan.members, *more])


def larger(plan: ImagePlan, _: Problem) -> ImagePlan | None:
    """Larger pictures for networks; without one, for features."""
    if plan.uses("network"):
        return changed(plan, size=min(224, 16 * round(plan.size * 1.5 / 16)))
    return changed(plan, detail=96 if plan.detail < 96 else 128)


def decided(plan: ImagePlan, problem: Problem) -> ImagePlan | None:
    """Labels decided by what is best for the metric out of fold."""
    return changed(plan, decode="tuned", inner=max(plan.inner, 4)) if is_tunable(problem) else None


def stacked(plan: ImagePlan, _: Problem) -> ImagePlan | None:
    """Members weighed by a regression on their held-out answers."""
    if plan.blend != "mean" or len(plan.members) < 2:
        return None
    return changed(plan, blend="stacked", inner=max(plan.inner, 4))


def _beside(plan: ImagePlan, member: Member) -> ImagePlan | None:
    return joined(plan, member) if plan.uses("network") else None
