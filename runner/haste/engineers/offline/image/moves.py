"""What the offline engineer can do to an image plan. Gains are shares of the remaining error."""

from haste.core.competition import Domain
from haste.core.condition import Condition
from haste.engineers.offline.image import changes
from haste.engineers.offline.image.drafts import boosting, network
from haste.engineers.offline.image.plan import ImagePlan
from haste.engineers.offline.move import FEATURES, MODELS, TUNING, Move
from haste.engineers.offline.problem import Problem

IMAGE: tuple[Domain, ...] = ("image",)
TORCH = ("torch",)
SMALL = (Condition(trait="rows", at_most=10_000),)


def _evened(plan: ImagePlan, _: Problem) -> ImagePlan | None:
    return changes.changed(plan, contrast="evened")


def _grey(plan: ImagePlan, _: Problem) -> ImagePlan | None:
    return changes.changed(plan, colour=False) if plan.uses("network") else None


def _residual(plan: ImagePlan, _: Problem) -> ImagePlan | None:
    return changes.changed(plan, shape="residual") if plan.uses("network") else None


def _components(plan: ImagePlan, _: Problem) -> ImagePlan | None:
    wide = {"gradients", "pixels"} & set(plan.blocks)
    if wide and plan.components < 200:
        return changes.changed(plan, components=200)
    return changes.reading(plan, "pixels", ("kernel", "linear"))


def _smoother(plan: ImagePlan, problem: Problem) -> ImagePlan | None:
    many = problem.profile.traits.get("class_count", 0)
    if not plan.uses("network") or not isinstance(many, float) or many < 3:
        return None
    return changes.changed(plan, smoothing=0.1 if plan.smoothing < 0.1 else 0.0)


MOVES: tuple[Move, ...] = (
    Move(
        "small-cnn", IMAGE, MODELS, "average with a small convolutional network",
        "From about a thousand pictures on, a network that sees them changed at random beats features made by hand",
        lambda plan, problem: changes.joined(plan, network(problem)), gain=0.2, spread=0.15, cost=6.0,
        packages=TORCH, conditions=(Condition(trait="rows", at_least=500),),
    ),
    Move(
        "more-epochs", IMAGE, TUNING, "train half as many epochs more",
        "A network that sees its pictures changed at random learns on long after it knows them",
        lambda plan, _: changes.networks(plan, "epochs", 15, 1.5, 120), gain=0.1, spread=0.08, cost=1.5,
        packages=TORCH,
    ),
    Move(
        "larger-images", IMAGE, FEATURES, "read pictures half as large again",
        "What tells the label may be smaller than a pixel of a thumbnail",
        changes.larger, gain=0.06, spread=0.08, cost=2.2,
    ),
    Move(
        "average-networks", IMAGE, MODELS, "average networks of three seeds",
        "Networks of different seeds err at different pictures",
        lambda plan, _: changes.networks(plan, "seeds", 1, 3, 3), gain=0.1, spread=0.06, cost=3.0, packages=TORCH,
    ),
    Move(
        "wider-network", IMAGE, MODELS, "give the network half as many channels more",
        "A wider network learns more kinds of edges and parts",
        lambda plan, _: changes.networks(plan, "width", 16, 1.5, 64), gain=0.05, spread=0.06, cost=1.8,
        packages=TORCH,
    ),
    Move(
        "residual-network", IMAGE, MODELS, "let stages learn what to add to what they are given",
        "Residual networks train deeper and faster than plain ones (He et al. 2015)",
        _residual, gain=0.03, spread=0.07, cost=1.2, packages=TORCH,
    ),
    Move(
        "test-time-copies", IMAGE, TUNING, "average the answers for four gently changed copies of a picture",
        "Where the answer depends on a pixel's shift it is a guess; the average of copies is less of one",
        lambda plan, _: changes.networks(plan, "copies", 1, 5, 5), gain=0.03, spread=0.04, cost=1.15,
        packages=TORCH,
    ),
    Move(
        "augment-mirror", IMAGE, FEATURES, "mirror training pictures at random",
        "Most things have the same name in a mirror; letters, digits and signs may not",
        lambda plan, _: changes.augmented(plan, mirror=True), gain=0.02, spread=0.08, packages=TORCH,
    ),
    Move(
        "augment-shifts", IMAGE, FEATURES, "turn, move and zoom training pictures further",
        "Few pictures show a thing in few places; changed ones show it everywhere",
        lambda plan, _: changes.augmented(plan, turn=20.0, shift=0.12, zoom=0.2), gain=0.03, spread=0.06,
        packages=TORCH, conditions=SMALL,
    ),
    Move(
        "augment-any-turn", IMAGE, FEATURES, "turn training pictures to any side",
        "From above or through a microscope there is no up and down",
        lambda plan, _: changes.augmented(plan, turn=180.0, mirror=True), gain=0.0, spread=0.06, packages=TORCH,
    ),
    Move(
        "cut-outs", IMAGE, FEATURES, "blot out a square of every training picture",
        "A network that can't rely on one part learns the others (DeVries & Taylor 2017)",
        lambda plan, _: changes.augmented(plan, erase=0.3), gain=0.01, spread=0.05, packages=TORCH,
    ),
    Move(
        "normalize-contrast", IMAGE, FEATURES, "bring every picture to the same light and contrast",
        "Light differs from picture to picture and mostly says nothing of the label",
        _evened, gain=0.02, spread=0.05,
    ),
    Move(
        "grey-images", IMAGE, FEATURES, "leave colour out",
        "Where shape alone tells the label colour is a distraction",
        _grey, gain=0.0, spread=0.05, cost=0.9, packages=TORCH,
    ),
    Move(
        "hog-features", IMAGE, FEATURES, "read histograms of gradients",
        "On few pictures edges that are counted beat edges that must be learned (Dalal & Triggs 2005)",
        changes.with_gradients, gain=0.05, spread=0.08, cost=1.5, conditions=SMALL,
    ),
    Move(
        "colour-histograms", IMAGE, FEATURES, "read how much there is of each colour, and where",
        "Colour tells scenes, leaves and stains apart that have the same edges",
        changes.with_colours, gain=0.03, spread=0.06, cost=1.3,
    ),
    Move(
        "texture-patterns", IMAGE, FEATURES, "read local patterns of light and dark",
        "Surfaces and tissues differ in patterns of a few pixels (Ojala et al. 2002)",
        lambda plan, _: changes.reading(plan, "textures", ("kernel", "boosting", "linear")),
        gain=0.02, spread=0.05, cost=1.3,
    ),
    Move(
        "pca-features", IMAGE, FEATURES, "keep more of what differs most",
        "Principal components of gradients and pixels make a kernel machine quick and keep nearly all it needs",
        _components, gain=0.02, spread=0.05, cost=1.3, conditions=SMALL,
    ),
    Move(
        "blend-image-families", IMAGE, MODELS, "average a network and a kernel machine on gradients",
        "One learns its features, the other is given them: they err at different pictures",
        changes.blended, gain=0.04, spread=0.06, cost=1.6,
    ),
    Move(
        "boosting-beside", IMAGE, MODELS, "average with trees on colours and textures",
        "Trees find thresholds in statistics that no network of this size computes",
        lambda plan, problem: changes.joined(plan, boosting(problem)), gain=0.01, spread=0.05, cost=1.5,
    ),
    Move(
        "stack-answers", IMAGE, MODELS, "weigh the members by a regression on their held-out answers",
        "Members are not equally good, nor equally sure",
        changes.stacked, gain=0.04, spread=0.05, cost=4.5,
    ),
    Move(
        "other-columns", IMAGE, FEATURES, "read the table's other columns beside the pictures",
        "What isn't in the picture may tell more than the picture does",
        changes.with_columns, gain=0.05, spread=0.06, cost=1.4,
    ),
    Move(
        "label-smoothing", IMAGE, TUNING, "give the other classes a share of every label",
        "A network that is never quite sure generalizes better, but its probabilities are softer",
        _smoother, gain=0.0, spread=0.04, packages=TORCH,
    ),
    Move(
        "threshold-tuning", IMAGE, TUNING, "decide labels by what is best for the metric out of fold",
        "The likeliest class isn't the best answer to F1 or kappa",
        changes.decided, gain=0.03, spread=0.03, cost=4.5, conditions=(Condition(trait="rows", at_least=500),),
    ),
)  # fmt: skip
