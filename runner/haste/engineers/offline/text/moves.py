"""What the offline engineer can do to a text plan. Gains are shares of the remaining error, seen on three sets."""

from haste.core.competition import Domain
from haste.core.condition import Condition
from haste.engineers.offline.move import FEATURES, MODELS, TUNING, Apply, Move
from haste.engineers.offline.problem import Problem
from haste.engineers.offline.text import changes
from haste.engineers.offline.text.drafts import other_columns, words
from haste.engineers.offline.text.plan import Member, TextPlan, Vocabulary

TEXT: tuple[Domain, ...] = ("text",)


def _keep_case(plan: TextPlan, _: Problem) -> TextPlan | None:
    return changes.rewritten(plan, lambda v: v.model_copy(update={"lowercase": False}))


def _ignore_case(plan: TextPlan, _: Problem) -> TextPlan | None:
    return changes.rewritten(plan, lambda v: v.model_copy(update={"lowercase": True}))


def _longer(unit: str, most: int) -> Apply:
    def change(vocabulary: Vocabulary) -> Vocabulary:
        if vocabulary.unit != unit or vocabulary.highest >= most or vocabulary.most:
            return vocabulary
        return vocabulary.model_copy(update={"highest": vocabulary.highest + 1})

    return lambda plan, _: changes.rewritten(plan, change)


def _rare_words(plan: TextPlan, _: Problem) -> TextPlan | None:
    return changes.rewritten(
        plan, lambda v: v if v.unit == "characters" or v.most else v.model_copy(update={"rare": 1})
    )


def _surface(plan: TextPlan, problem: Problem) -> TextPlan | None:
    return changes.stacked(plan, Member(kind="boosting", dense=("surface", *other_columns(problem))))


def _svd(plan: TextPlan, problem: Problem) -> TextPlan | None:
    if plan.uses("boosting") and plan.blend == "mean":
        return changes.changed(plan, components=2 * plan.components) if plan.components < 200 else None
    return changes.stacked(plan, Member(kind="boosting", dense=("components", "surface", *other_columns(problem))))


def _embeddings(plan: TextPlan, problem: Problem) -> TextPlan | None:
    return None if plan.uses("network") else changes.stacked(plan, Member(kind="network", reads=(words(problem),)))


def _more_bayes(plan: TextPlan, problem: Problem) -> TextPlan | None:
    if not plan.uses("bayes"):
        return None
    read = (words(problem, rare=1),)
    made = [Member(kind="bayes", reads=read, parameters={"flavour": f}) for f in ("complement", "bernoulli")]
    return changes.stacked(plan, *made)


def _stack(plan: TextPlan, problem: Problem) -> TextPlan | None:
    calibrates = problem.metric.name in ("log_loss", "binary_log_loss", "brier")
    return changes.stacked(plan) if plan.blend == "mean" and (len(plan.members) > 1 or calibrates) else None


def _boosted_stack(plan: TextPlan, _: Problem) -> TextPlan | None:
    return changes.changed(plan, blend="boosted") if plan.blend == "stacked" and len(plan.members) > 2 else None


def _more_folds(plan: TextPlan, _: Problem) -> TextPlan | None:
    return changes.changed(plan, inner=8) if plan.blend != "mean" and plan.inner < 8 else None


def _log_target(plan: TextPlan, problem: Problem) -> TextPlan | None:
    low = problem.profile.target_min
    return changes.changed(plan, target="log1p") if low is not None and low > -1 else None


def _clip(plan: TextPlan, problem: Problem) -> TextPlan | None:
    return changes.changed(plan, clip=True) if problem.profile.target_min is not None else None


MOVES: tuple[Move, ...] = (
    Move(
        "stack-text-families", TEXT, MODELS, "stack naive Bayes, log-count ratios and trees",
        "Each is quick and errs in its own way; a stack of held-out answers beat the best of them by 10 to 25 %",
        changes.whole_family, gain=0.18, spread=0.06, cost=10.0,
        conditions=(Condition(trait="rows", at_least=300),),
    ),
    Move(
        "linear-text-blend", TEXT, MODELS, "average logistic regression, naive Bayes and log-count ratios",
        "They share n-grams but not the loss: one is bold on rare words, the other careful",
        changes.blended, gain=0.06, spread=0.04, cost=2.0,
    ),
    Move(
        "char-ngrams", TEXT, FEATURES, "read n-grams of characters beside those of words",
        "Characters carry endings, spelling and unseen words, and err elsewhere than words do",
        changes.with_characters, gain=0.06, spread=0.04, cost=5.0,
    ),
    Move(
        "nb-svm-features", TEXT, FEATURES, "scale n-grams by their log-count ratios",
        "A linear model on naive Bayes' ratios is strong and steady on short texts (Wang & Manning 2012)",
        changes.with_ratios, gain=0.05, spread=0.04, cost=1.2,
    ),
    Move(
        "stack-answers", TEXT, MODELS, "weigh the members by a regression on their held-out answers",
        "Naive Bayes is overconfident: what its answers are worth is seen on rows held out",
        _stack, gain=0.06, spread=0.04, cost=5.0,
    ),
    Move(
        "threshold-tuning", TEXT, TUNING, "decide labels by what is best for the metric out of fold",
        "The likeliest class isn't the best answer to F1 or kappa",
        changes.decided, gain=0.03, spread=0.03, cost=4.0, conditions=(Condition(trait="rows", at_least=500),),
    ),
    Move(
        "surface-counts", TEXT, FEATURES, "add trees that read lengths, capitals and punctuation",
        "How a text looks says what its n-grams don't: authors differ in commas, moods in exclamation marks",
        _surface, gain=0.02, spread=0.02, cost=2.0,
    ),
    Move(
        "averaged-embeddings", TEXT, MODELS, "add a small network over averaged embeddings of n-grams",
        "Embeddings share what is learned of words that stand alike (Joulin et al. 2016)",
        _embeddings, gain=0.004, spread=0.012, cost=3.0, packages=("torch",),
        conditions=(Condition(trait="rows", at_least=2000),),
    ),
    Move(
        "text-svd", TEXT, FEATURES, "add trees over components of TF-IDF",
        "Trees can't read n-grams, but they find in components what no linear model does",
        _svd, gain=0.01, spread=0.02, cost=3.0, conditions=(Condition(trait="rows", at_least=500),),
    ),
    Move(
        "other-columns", TEXT, FEATURES, "read the table's other columns beside the texts",
        "What isn't text may say more than the text does",
        changes.with_columns, gain=0.05, spread=0.05, cost=1.3,
    ),
    Move(
        "weaker-penalty", TEXT, TUNING, "hold linear models a third as tightly",
        "Defaults suit a few hundred features, not a hundred thousand",
        lambda plan, _: changes.penalized(plan, 3.0), gain=0.01, spread=0.02, cost=1.2,
    ),
    Move(
        "stronger-penalty", TEXT, TUNING, "hold linear models three times as tightly",
        "Few rows against many n-grams overfit",
        lambda plan, _: changes.penalized(plan, 1 / 3), gain=0.01, spread=0.02, cost=0.9,
    ),
    Move(
        "keep-case", TEXT, FEATURES, "tell capitals from small letters",
        "Capitals mark names, beginnings and shouting",
        _keep_case, gain=0.01, spread=0.015, cost=1.1,
    ),
    Move(
        "ignore-case", TEXT, FEATURES, "read capitals as small letters",
        "Small sets can't afford to learn a word twice",
        _ignore_case, gain=0.005, spread=0.015, cost=0.95,
    ),
    Move(
        "word-trigrams", TEXT, FEATURES, "read n-grams of one word more",
        "Negations and set phrases are longer than two words",
        _longer("words", 3), gain=0.008, spread=0.015, cost=1.4,
    ),
    Move(
        "longer-char-ngrams", TEXT, FEATURES, "read n-grams of one character more",
        "Longer n-grams hold whole words with their neighbours",
        _longer("characters", 6), gain=0.008, spread=0.015, cost=1.6,
    ),
    Move(
        "rare-words", TEXT, FEATURES, "keep n-grams that stand in one row alone",
        "A rare word in the other table still speaks where naive Bayes counts",
        _rare_words, gain=0.005, spread=0.01, cost=1.4,
    ),
    Move(
        "more-bayes", TEXT, MODELS, "add complement and Bernoulli naive Bayes to the stack",
        "One counts what speaks against a class, the other what is absent",
        _more_bayes, gain=0.01, spread=0.01, cost=1.3,
    ),
    Move(
        "boosted-stack", TEXT, MODELS, "let trees over answers and surface counts share in the stack",
        "Which member is to be trusted depends on the text's length and looks",
        _boosted_stack, gain=0.012, spread=0.015, cost=1.2,
    ),
    Move(
        "more-stack-folds", TEXT, TUNING, "learn the stack from eight folds",
        "Members that answer held-out rows then know nearly as much as those that answer test rows",
        _more_folds, gain=0.003, spread=0.006, cost=1.8,
    ),
    Move(
        "log-target", TEXT, TUNING, "train on log(1 + target)",
        "Amounts are skewed, and errors of large ones would drown the rest",
        _log_target, gain=0.05, spread=0.05, conditions=(Condition(trait="target_skew", at_least=1.5),),
    ),
    Move(
        "clip-predictions", TEXT, TUNING, "keep predictions within the range of the training targets",
        "Nothing beyond it was ever seen",
        _clip, gain=0.003, spread=0.005,
    ),
)  # fmt: skip
