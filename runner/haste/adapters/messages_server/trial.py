"""Trying a server with the Messages API: what it can do, before a run depends on it."""

import os
from collections.abc import Mapping

from haste.adapters.anthropic_api import AnthropicMessages
from haste.adapters.health import Check
from haste.core.messages import Answer, Block, Effort, Feature, Question, Trouble, TroubleKind, Turn
from haste.core.model import Frozen
from haste.errors import EngineerError

_SCHEMA = {
    "type": "object",
    "properties": {"sum": {"type": "integer"}},
    "required": ["sum"],
    "additionalProperties": False,
}
_MEND = "check ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL and the model's name, or go on with --engineer offline"
_RULES = "You check that a connection works. Answer with the JSON object that is asked for and nothing else.\n"


class Trial(Frozen):
    """What came of trying a server: whether it answers, what it lacks, and what that means for a run."""

    base_url: str
    model: str
    works: bool
    said: str = ""
    """What it answered, or why it didn't."""
    lacks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0


def try_model(base_url: str | None, model: str, environment: Mapping[str, str] | None = None) -> Trial:
    """Ask one short question with every feature that runs use, and leave out what the server refuses.

    `base_url` None is the one that the environment names. It costs a few hundred tokens and raises nothing.
    """
    environment = os.environ if environment is None else environment
    try:
        messages = AnthropicMessages(environment, base_url=base_url, silence_seconds=30.0)
    except EngineerError as error:
        return Trial(base_url=base_url or "", model=model, works=False, said=str(error))
    try:
        return _tried(messages, model)
    finally:
        messages.close()


def model_check(model: str) -> Check:
    """The trial of the environment's server, as one of the doctor's findings."""
    trial = try_model(None, model)
    where = f"{trial.model} at {trial.base_url}" if trial.base_url else trial.model
    if not trial.works:
        costs = "runs with Claude stop at their first question"
        return Check(name="model", state="gap", found=f"{where}: {trial.said}", costs=costs, mend=_MEND)
    found = f"{where} answers in {trial.seconds:.1f} s; {trial.input_tokens} tokens in, {trial.output_tokens} out"
    if not trial.notes:
        return Check(name="model", state="ok", found=found)
    return Check(
        name="model", state="gap", found=found, costs="; ".join(trial.notes), mend="another server or model"
    )


def _tried(messages: AnthropicMessages, model: str) -> Trial:
    without: tuple[Feature, ...] = ()
    left = [
        Feature.SCHEMA,
        Feature.EFFORT,
        Feature.THINKING,
        Feature.CACHING,
        Feature.API_VERSION,
        Feature.STREAMING,
    ]
    reply = messages.ask(_question(model, without))
    while isinstance(reply, Trouble) and reply.kind in (TroubleKind.BAD_REQUEST, TroubleKind.UNREADABLE) and left:
        without = (*without, left.pop(0))
        reply = messages.ask(_question(model, without))
    if isinstance(reply, Trouble):
        offered = f"; it offers {', '.join(reply.models[:6])}" if reply.models else ""
        said = f"{reply.kind.value.replace('_', ' ')}: {reply.message}{offered}"
        return Trial(base_url=messages.address, model=model, works=False, said=said, seconds=reply.seconds)
    return _worked(messages, model, reply, _needed(messages, model, without))


def _needed(messages: AnthropicMessages, model: str, without: tuple[Feature, ...]) -> tuple[Feature, ...]:
    """The features that it really lacks: each one that was left out is tried once more by itself."""
    lacking = []
    for feature in without:
        others = tuple(f for f in without if f is not feature)
        if isinstance(messages.ask(_question(model, others)), Trouble):
            lacking.append(feature)
    return tuple(lacking)


def _worked(messages: AnthropicMessages, model: str, answer: Answer, lacking: tuple[Feature, ...]) -> Trial:
    counted = messages.count_tokens(_question(model, lacking))
    lacks = [f.value for f in lacking] + ([] if counted is not None else ["counting"])
    notes = [_MEANS[name] for name in lacks if name in _MEANS]
    if not answer.usage.output_tokens:
        notes.append("it counts no tokens in its answers: they are estimated, and budgets hold by the estimate")
    return Trial(
        base_url=messages.address,
        model=answer.model or model,
        works=bool(answer.text.strip()),
        said=answer.text.strip()[:200] or f"an empty answer ({answer.stop_reason})",
        lacks=tuple(lacks),
        notes=(*notes, *answer.notes),
        seconds=answer.seconds,
        input_tokens=answer.usage.input_tokens,
        output_tokens=answer.usage.output_tokens,
    )


_MEANS = {
    "caching": "no prompt caching: every question pays for its whole prompt",
    "schema": "no schemas: judgements are asked for in words, and checked all the same",
    "thinking": "no adaptive thinking: answers come without it",
    "effort": "no effort setting: the model's own is used",
    "streaming": "no streaming: a long answer shows no sign of life before its end",
    "api-version": "an older version of the API is asked for",
    "counting": "no token counting: reservations go by the length of the text",
}


def _question(model: str, without: tuple[Feature, ...]) -> Question:
    effort: Effort = "low"
    return Question(
        model=model,
        max_tokens=2_000,
        seconds=60.0,
        system=(Block(text=_RULES, cached=True),),
        turns=(Turn(role="user", blocks=(Block(text='What is 2 + 3? Answer as {"sum": …}.\n'),)),),
        answer_schema=_SCHEMA,
        effort=effort,
        thinking=model.startswith("claude-"),
        without=without,
    )
