"""One question, from the reservation to an answer that can be used; every attempt is an event."""

from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TypeVar

from haste.core.events import BudgetExhausted, ModelAnswered, ModelAsked, ModelRefused, Usage
from haste.core.finalists import margin
from haste.core.messages import Answer, Feature, Question, Trouble, TroubleKind
from haste.core.run import RunState
from haste.core.solution import FileRef
from haste.core.stream import canonical
from haste.engineers.claude.bad_days import (
    MOST_PATIENCE,
    MOST_WAITS,
    PATHS,
    Path,
    feature_to_leave_out,
    pause_before,
    stopped,
)
from haste.engineers.claude.ledger import Ledger, Reservation, Short, tokens_in
from haste.engineers.claude.plain import cleaned
from haste.engineers.claude.replies import Unusable
from haste.engineers.claude.talk import Ask, Talk, counted, may_have_spent, output_of, why_not
from haste.ports import EventLog, Messages

T = TypeVar("T")
Told = ModelAsked | ModelAnswered | ModelRefused | BudgetExhausted
"""The events of asking."""
SERVICE_LIMIT = "a spend limit of the service"
"""How the detail of a pause begins that is not the run's own budget."""
LONGEST_ANSWER = 600.0
"""Seconds that one answer may take."""
LEAST_SECONDS, LEAST_AT_THE_END = 45.0, 120.0
"""Seconds that it gets even where the run has fewer left: less would be paid for and never come."""


@dataclass(frozen=True)
class NoAnswer:
    """There is no answer that can be used. `paused`: a budget is spent, and the run pauses."""

    reason: str
    paused: bool = False


@dataclass
class Asking:
    """Asks on behalf of one run or one curation. `stream` is where questions and answers are kept."""

    log: EventLog
    messages: Messages
    stream: str
    ledger: Ledger
    seconds_left: float
    seconds_kept: float = 0.0
    """How many of those are for the end of the run, and no question of the search's may take."""
    without: tuple[Feature, ...] = ()
    recorded: Sequence[tuple[ModelAsked, ModelAnswered]] = ()
    interrupted: ModelAsked | None = None
    _counts: Counter[str] = field(default_factory=Counter)
    _waited: float = 0.0
    _passed: float = 0.0
    """Seconds since the first attempt at this question, by what was recorded: answers and waits."""

    def put(self, ask: Ask[T]) -> Generator[Told, None, T | NoAnswer]:
        """The answer, read. Its events come first; raises EngineerError where only a person can help."""
        earlier = self._reuse(ask)
        if earlier is not None:
            return earlier
        if self.interrupted is not None:
            yield self._lost(self.interrupted)
        self._counts, self._waited, self._passed = Counter(), 0.0, 0.0
        talk: Talk[T] | None = Talk(ask, ask.compose(0), ask.tokens, without=self.without)
        while talk is not None:
            talk, question, reservation = self._fitting(talk)
            if isinstance(reservation, Short):
                yield self._short(ask, reservation)
                return NoAnswer(reservation.detail, paused=ask.pauses)
            self._counts["attempts"] += 1
            yield self._asked(talk, question, reservation)
            reply = self.messages.ask(question)
            self._passed += reply.seconds
            if isinstance(reply, Trouble):
                talk = yield from self._trouble(talk, question, reply)
                continue
            reply = counted(question, reply.model_copy(update={"text": cleaned(reply.text)}))
            result = yield from self._answer(talk, question, reply)
            if not isinstance(result, Talk):
                return result
            talk = result
        return NoAnswer(SERVICE_LIMIT, paused=ask.pauses)

    # ── before the call ──────────────────────────────────────────────────────────────────────────────

    def _reuse(self, ask: Ask[T]) -> T | None:
        """The answer that was paid for before a crash, if it can still be used."""
        for asked, answered in reversed(self.recorded):
            if asked.purpose == ask.purpose:
                answer = Answer.model_validate_json(self.log.get(self.stream, answered.answer))
                try:
                    return ask.read(cleaned(answer.text))
                except Unusable:
                    return None
        return None

    def _lost(self, asked: ModelAsked) -> ModelRefused:
        """A question that was out when the run was cut off: what it reserved counts as spent."""
        self.interrupted = None
        self.ledger.spend(asked.reserved_usd, asked.reserved_tokens)
        return ModelRefused(
            purpose=asked.purpose,
            model=asked.model,
            kind="interrupted",
            message="the run was cut off before the answer came; what was reserved for it counts as spent",
            usage=Usage(output_tokens=asked.reserved_tokens),
            usd=asked.reserved_usd,
        )

    def _short(self, ask: Ask[T], short: Short) -> BudgetExhausted | ModelRefused:
        if ask.pauses:
            return BudgetExhausted(budget=short.budget, detail=short.detail)
        model = self.ledger.model.name
        return ModelRefused(purpose=ask.purpose, model=model, kind="budget", message=short.detail, final=True)

    def _fitting(self, talk: Talk[T]) -> tuple[Talk[T], Question, Reservation | Short]:
        """The question at the highest level of detail that the model has room for, and what is reserved for it."""
        model = self.ledger.model
        least, kept = (LEAST_AT_THE_END, 0.0) if talk.ask.at_the_end else (LEAST_SECONDS, self.seconds_kept)
        left = self.seconds_left - kept - self._passed
        seconds = float(round(max(least, min(LONGEST_ANSWER, left))))
        while True:
            question = talk.question(model, seconds)
            tokens = tokens_in(question)
            less = talk.shorter() if tokens + min(talk.tokens, model.max_output) > model.context else None
            if less is None:
                break
            talk = less
        reservation = self.ledger.reserve(tokens, talk.tokens, at_the_end=talk.ask.at_the_end)
        if isinstance(reservation, Reservation):
            question = question.model_copy(update={"max_tokens": reservation.output_tokens})
        return talk, question, reservation

    def _asked(self, talk: Talk[T], question: Question, reservation: Reservation) -> ModelAsked:
        return ModelAsked(
            purpose=talk.ask.purpose,
            model=question.model,
            request=self._keep(talk.ask.purpose, "question", question),
            prompt=talk.prompt.digest,
            attempt=self._counts["attempts"],
            reserved_usd=round(reservation.usd, 6),
            reserved_tokens=reservation.output_tokens,
        )

    def _keep(self, purpose: str, what: str, value: Question | Answer | Trouble) -> FileRef:
        data = canonical(value.model_dump(mode="json"))
        return self.log.put(self.stream, f"{purpose}-{sha256(data).hexdigest()[:16]}.{what}.json", data)

    # ── after it ─────────────────────────────────────────────────────────────────────────────────────

    def _trouble(
        self, talk: Talk[T], question: Question, trouble: Trouble
    ) -> Generator[Told, None, Talk[T] | None]:
        """How to go on; None is a pause. Raises EngineerError where only a person can help."""
        path = PATHS[trouble.kind]
        self._counts[path] += 1
        going = self._after_trouble(talk, question, trouble, path)
        feature = next((f for f in going.without if f not in talk.without), None) if going else None
        usage = self._used(question, trouble)
        yield ModelRefused(
            purpose=talk.ask.purpose,
            model=question.model,
            kind="unsupported" if feature else trouble.kind.value,
            message=feature.value if feature else trouble.message[:1_000],
            usage=usage,
            usd=self.ledger.settle(usage),
            answer=self._keep(talk.ask.purpose, "trouble", trouble),
            final=going is None,
        )
        if going is not None:
            if path is Path.WAIT:
                self._wait(trouble)
            return going
        if path is Path.PAUSE:
            if talk.ask.pauses:
                yield BudgetExhausted(budget="usd", detail=f"{SERVICE_LIMIT}: {trouble.message[:500]}")
            return None
        raise stopped(trouble, question.model, self.stream, self._counts["attempts"])

    def _after_trouble(self, talk: Talk[T], question: Question, trouble: Trouble, path: Path) -> Talk[T] | None:
        if path is Path.WAIT:
            patience = min(MOST_PATIENCE, max(60.0, self.seconds_left))
            too_long = self._waited + self._pause(trouble) > patience
            return None if too_long or self._counts[path] >= MOST_WAITS else talk
        if path is Path.SHORTEN:
            return talk.shorter()
        if path is Path.FIT:
            limit = trouble.limit or talk.tokens // 2
            fits = 0 < limit < question.max_tokens and self._counts[path] < 4
            return replace(talk, tokens=limit) if fits else None
        if path is Path.WITHOUT:
            feature = feature_to_leave_out(question, trouble)
            if feature is None:
                return None
            self.without = (*self.without, feature)
            return replace(talk, without=(*talk.without, feature))
        return None

    def _pause(self, trouble: Trouble) -> float:
        return pause_before(trouble, self._counts[Path.WAIT], self.stream)

    def _wait(self, trouble: Trouble) -> None:
        seconds = self._pause(trouble)
        self._waited += seconds
        self._passed += seconds
        self.messages.wait(seconds)

    def _used(self, question: Question, trouble: Trouble) -> Usage:
        """What broke on its way has cost something all the same: all that was reserved where nobody can tell."""
        if trouble.kind not in (TroubleKind.TIMED_OUT, TroubleKind.STREAM_BROKE):
            return trouble.usage
        output = output_of(trouble.usage, trouble.text, may_have_spent(question))
        known = trouble.usage.model_copy(update={"output_tokens": output})
        counted = known.input_tokens + known.cache_creation_input_tokens + known.cache_read_input_tokens
        return known if counted else known.model_copy(update={"input_tokens": tokens_in(question)})

    def _answer(
        self, talk: Talk[T], question: Question, answer: Answer
    ) -> Generator[Told, None, T | NoAnswer | Talk[T]]:
        """The answer, read; or the conversation to go on with; or that it can't be had."""
        kept = self._keep(talk.ask.purpose, "answer", answer)
        problems: tuple[str, ...] = ()
        if answer.stop_reason in ("end_turn", "stop_sequence"):
            try:
                result = talk.ask.read(answer.text)
            except Unusable as error:
                problems = error.problems
            else:
                yield self._answered(talk, question, answer, kept)
                return result
        kind, message = why_not(answer, problems)
        going = talk.after(question, answer, kind, problems, self._counts, self.ledger.model.max_output)
        yield ModelRefused(
            purpose=talk.ask.purpose,
            model=answer.model or question.model,
            kind=kind,
            message=message[:1_000],
            usage=answer.usage,
            usd=self.ledger.settle(answer.usage),
            answer=kept,
            final=going is None,
        )
        if kind == "cut_stream":
            broke = Trouble(kind=TroubleKind.STREAM_BROKE, message=message)
            if going is None:
                raise stopped(broke, question.model, self.stream, self._counts["attempts"])
            self._wait(broke)
        return going or NoAnswer(f"no usable answer after {self._counts['attempts']} attempts: {message[:300]}")

    def _answered(self, talk: Talk[T], question: Question, answer: Answer, kept: FileRef) -> ModelAnswered:
        notes = [self.ledger.model.note, *(f"asked without {f.value}" for f in talk.without), *answer.notes]
        return ModelAnswered(
            purpose=talk.ask.purpose,
            model=answer.model or question.model,
            answer=kept,
            usage=answer.usage,
            usd=self.ledger.settle(answer.usage),
            stop_reason=answer.stop_reason,
            seconds=answer.seconds,
            notes=tuple(note for note in notes if note),
        )


def asking_for(state: RunState, log: EventLog, messages: Messages, ledger: Ledger) -> Asking:
    """What asks for a run, with what its log knows: paid answers, a question cut short, what the server lacks."""
    return Asking(
        log=log,
        messages=messages,
        stream=state.run,
        ledger=ledger,
        seconds_left=state.time_left,
        seconds_kept=margin(state),
        without=tuple(Feature(name) for name in state.without if name in set(Feature)),
        recorded=state.answers,
        interrupted=state.asked,
    )
