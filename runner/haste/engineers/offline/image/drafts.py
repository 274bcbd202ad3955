"""Three different first plans for images; the first is the quickest, so that something is there within seconds."""

from haste.core.metric import PredictionKind
from haste.engineers.offline.image.pictures import row_files
from haste.engineers.offline.image.plan import FAMILY, Block, ImagePlan, Member
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.tabular.columns import columns_of

KERNEL_ROWS = 8000
"""Above this many rows a kernel machine takes too long, and a linear model stands for it."""


def draft(problem: Problem, number: int, seed: int) -> ImagePlan | None:
    """The plan of prototype `number`: a kernel machine, a network (with torch), boosting, a linear model."""
    if row_files(problem) is None:
        return None
    members = [kernel(problem), boosting(problem), Member(kind="linear", reads=("pixels", *other_columns(problem)))]
    if "torch" in problem.packages:
        members.insert(1, network(problem))
    if not 0 <= number < len(members):
        return None
    member = members[number]
    labels = problem.metric.kind is PredictionKind.LABEL
    return ImagePlan(
        approach=FAMILY[member.kind],
        seed=seed,
        members=(member,),
        smoothing=0.05 if labels else 0.0,
        target="log1p" if problem.metric.name == "rmsle" else "plain",
    )


def network(problem: Problem) -> Member:
    """A small network, for about as many steps as a set of this size needs to begin with."""
    epochs = max(3, min(40, round(30_000 / max(1, problem.profile.rows))))
    return Member(kind="network", parameters={"epochs": epochs})


def kernel(problem: Problem) -> Member:
    """A kernel machine on gradients; a linear model where there are too many rows for one."""
    kind = "kernel" if problem.profile.rows <= KERNEL_ROWS else "linear"
    return Member(kind=kind, reads=("gradients", *other_columns(problem)))


def boosting(problem: Problem) -> Member:
    """Boosted trees on colours, textures and gradients."""
    return Member(kind="boosting", reads=("colours", "textures", "gradients", *other_columns(problem)))


def other_columns(problem: Problem) -> tuple[Block, ...]:
    """The block of the table's other columns, where there are any."""
    columns = columns_of(problem)
    return ("columns",) if columns.numeric or columns.categorical else ()
