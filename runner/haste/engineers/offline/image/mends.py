"""What to do about an image plan that failed: cheaper, smaller, or without the part that broke."""

from haste.core.solution import Failure, FailureKind
from haste.engineers.offline.image.changes import changed
from haste.engineers.offline.image.drafts import KERNEL_ROWS, draft
from haste.engineers.offline.image.plan import ImagePlan, Member
from haste.engineers.offline.image.render import FUNCTIONS
from haste.engineers.offline.problem import Problem

TOO_MUCH = (FailureKind.TIMED_OUT, FailureKind.OUT_OF_MEMORY, FailureKind.TOO_LARGE, FailureKind.TOO_MANY_PROCESSES)


def mend(plan: ImagePlan, failure: Failure, problem: Problem, *, attempt: int) -> tuple[ImagePlan, str] | None:
    """A plan that avoids the failure, and what was changed; None when no idea is left."""
    if failure.kind in TOO_MUCH:
        ideas = [_smaller(plan, 0.5), _smaller(plan, 0.25), _plainest(plan, problem)]
    else:
        ideas = [_black_where_broken(plan, failure), _without_broken(plan, failure), _plainest(plan, problem)]
    found = [idea for idea in ideas if idea is not None and idea[0] != plan]
    return found[attempt] if attempt < len(found) else None


def _smaller(plan: ImagePlan, share: float) -> tuple[ImagePlan, str] | None:
    members = [_quicker(m, share) for m in plan.members]
    after = changed(
        plan,
        members=members,
        size=max(16, min(plan.size, 32, int(plan.size * 2 * share))),
        detail=max(32, int(plan.detail * share) // 4 * 4),
        components=max(10, int(plan.components * share)),
        blend="mean",
        decode="plain",
        inner=0,
    )
    return (after, "smaller pictures, fewer epochs, no inner folds") if after else None


def _quicker(member: Member, share: float) -> Member:
    if member.kind != "network":
        return member
    epochs = max(2, int(float(member.parameters.get("epochs", 15)) * share))
    return member.model_copy(update={"parameters": {"epochs": epochs}})


def _black_where_broken(plan: ImagePlan, failure: Failure) -> tuple[ImagePlan, str] | None:
    if "image file" not in failure.message + failure.output:
        return None
    after = changed(plan, broken="black")
    return (after, "pictures that can't be read are black") if after else None


def _without_broken(plan: ImagePlan, failure: Failure) -> tuple[ImagePlan, str] | None:
    told = failure.message + failure.output
    blamed = [m for m in plan.members if f"in {FUNCTIONS[m.kind]}\n" in told]
    if "torch" in told:
        blamed += [m for m in plan.members if m.kind == "network"]
    left = [m for m in plan.members if m not in blamed]
    if not left or not blamed:
        return None
    after = changed(plan, members=left)
    return (after, "without the member that broke") if after else None


def _plainest(plan: ImagePlan, problem: Problem) -> tuple[ImagePlan, str] | None:
    start = draft(problem, 0, plan.seed)
    if start is None:
        return None
    kind = "kernel" if problem.profile.rows <= KERNEL_ROWS else "linear"
    plain = Member(kind=kind, reads=("pixels",))
    after = changed(start, members=[plain], approach=kind, components=50, broken=plan.broken)
    return (after, "one plain model on the pixels") if after else None
