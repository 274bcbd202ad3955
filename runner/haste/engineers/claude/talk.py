"""A conversation about one question: how it begins, and how it goes on when an answer can't be used."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from haste.core.events import Purpose, Usage
from haste.core.messages import Answer, Block, Effort, Feature, Question, Turn
from haste.engineers.claude.bad_days import MOST_WAITS, Path
from haste.engineers.claude.briefing import DETAIL_LEAST
from haste.engineers.claude.ledger import BYTES_PER_TOKEN, Model, tokens_in
from haste.engineers.claude.prompting import Prompt, render_text

T = TypeVar("T")
MOST_CORRECTIONS = 2
"""How often a model is told why its answer can't be used."""
ESTIMATED = "usage is estimated: the server gave no full count"
MOST_REFUSALS = 1
MOST_TRUNCATIONS = 2


@dataclass(frozen=True)
class Ask(Generic[T]):
    """What is wanted: a prompt at a level of detail, and a reader that takes the answer or raises Unusable."""

    purpose: Purpose
    compose: Callable[[int], Prompt]
    read: Callable[[str], T]
    tokens: int
    effort: Effort
    answer_schema: dict[str, Any] | None = None
    edits: bool = False
    at_the_end: bool = False
    """Whether what was kept back for the end may be spent on it."""
    pauses: bool = True
    """Whether the run pauses where it can't be paid; else there is no answer, and the asker does without."""


@dataclass(frozen=True)
class Talk(Generic[T]):
    """The conversation as it stands: the prompt, and what was said since."""

    ask: Ask[T]
    prompt: Prompt
    tokens: int
    detail: int = 0
    said: tuple[tuple[str, str], ...] = ()
    """Answers that could not be used, each with what the model was told about it."""
    postscript: str = ""
    without: tuple[Feature, ...] = ()

    def question(self, model: Model, seconds: float) -> Question:
        """What goes out now."""
        first = [*self.prompt.user, *([Block(text=self.postscript)] if self.postscript else [])]
        turns = [Turn(role="user", blocks=tuple(first))]
        for answer, told in self.said:
            turns.append(Turn(role="assistant", blocks=(Block(text=answer),)))
            turns.append(Turn(role="user", blocks=(Block(text=told),)))
        return Question(
            model=model.name,
            max_tokens=self.tokens,
            seconds=seconds,
            system=self.prompt.system,
            turns=tuple(turns),
            answer_schema=self.ask.answer_schema,
            effort=self.ask.effort if model.effort else None,
            thinking=model.thinking,
            without=self.without,
        )

    def shorter(self) -> "Talk[T] | None":
        """The same with less detail; None where there is no less."""
        if self.detail >= DETAIL_LEAST:
            return None
        return replace(self, prompt=self.ask.compose(self.detail + 1), detail=self.detail + 1)

    def corrected(self, answer: Answer, problems: Sequence[str], *, last: bool) -> "Talk[T]":
        """The same with the answer and what is wrong with it; the last time, edits give way to the whole script."""
        edits = self.ask.edits
        said = "\n".join(f"- {problem}" for problem in problems)
        told = render_text("correction", {"problems": said, "edits": edits and not last, "whole": edits and last})
        if not answer.text.strip():
            return replace(self, postscript=told)
        return replace(self, said=((answer.text, told),) if last else (*self.said, (answer.text, told)))

    def after(
        self,
        asked: Question,
        answer: Answer,
        kind: str,
        problems: Sequence[str],
        counts: Counter[str],
        longest: int,
    ) -> "Talk[T] | None":
        """How to go on after an answer that can't be used; None where it isn't worth asking again."""
        counts[kind] += 1
        tries = counts[kind]
        if kind == "unusable":
            return None if tries > MOST_CORRECTIONS else self.corrected(answer, problems, last=tries > 1)
        if kind == "refusal":
            told = render_text("refused", {"category": answer.detail})
            return None if tries > MOST_REFUSALS else replace(self, postscript=told)
        if kind == "max_tokens":
            room = min(2 * asked.max_tokens, longest)
            told = render_text("truncated", {"limit": asked.max_tokens})
            again = replace(self, tokens=room, postscript=told if tries > 1 or room == asked.max_tokens else "")
            return None if tries > MOST_TRUNCATIONS else again
        if kind == "context_exceeded":
            return self.shorter()
        if kind == "cut_stream":
            counts[Path.WAIT] += 1
            return None if counts[Path.WAIT] >= MOST_WAITS else self
        return None if tries > 1 else self


def why_not(answer: Answer, problems: Sequence[str]) -> tuple[str, str]:
    """Kind and words for an answer that can't be used."""
    reason = answer.stop_reason
    if problems:
        return "unusable", "; ".join(problems)
    if reason is None:
        return "cut_stream", "the stream was cut before the answer's end"
    if reason == "refusal":
        return "refusal", f"the model declined{f' ({answer.detail})' if answer.detail else ''}"
    if reason == "max_tokens":
        return "max_tokens", f"the answer was cut off after {answer.usage.output_tokens} tokens"
    if reason == "model_context_window_exceeded":
        return "context_exceeded", "the model's context window is full"
    return "stopped_oddly", f"the answer ended with {reason}"


def may_have_spent(question: Question) -> int:
    """Output that a broken answer may have cost: all that was reserved where it thinks or comes at once."""
    thinks = question.thinking and Feature.THINKING not in question.without
    return question.max_tokens if thinks or Feature.STREAMING in question.without else 0


def output_of(usage: Usage, text: str, unseen: int) -> int:
    """Output tokens: what was counted, or more where the text that came, or what nobody saw, says so."""
    return max(usage.output_tokens, int(len(text.encode()) / BYTES_PER_TOKEN), unseen)


def counted(question: Question, answer: Answer) -> Answer:
    """Some servers count nothing, and a cut stream says too little: what came is counted here then, with a note."""
    usage = answer.usage
    cut = answer.stop_reason is None
    unseen = may_have_spent(question) if cut else 0
    if not (answer.text or unseen) or (usage.output_tokens and not cut) or ESTIMATED in answer.notes:
        return answer
    estimate = usage.model_copy(
        update={
            "input_tokens": usage.input_tokens if cut and usage.output_tokens else tokens_in(question),
            "output_tokens": output_of(usage, answer.text, unseen),
        }
    )
    return answer.model_copy(update={"usage": estimate, "notes": (*answer.notes, ESTIMATED)})
