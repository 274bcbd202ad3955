"""The port `Messages` without a network: the same answers, faults and counts as the server's, in this process."""

from collections.abc import Callable

from haste.adapters.anthropic_trouble import trouble_of
from haste.adapters.messages_server.counting import PromptCache, tokens_of
from haste.adapters.messages_server.wire import Answerer, Fault, Reply, Request
from haste.core.events import Usage
from haste.core.messages import Answer, Block, Feature, Question, Trouble, TroubleKind


class InMemoryMessages:
    """Answered by a script or a function. Keeps every question, and counts the seconds it was told to wait."""

    def __init__(
        self, answer: Answerer, *, shortest_prefix: int = 2_048, monotonic: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._answer = answer
        self._cache = PromptCache(monotonic, shortest=shortest_prefix)
        self.questions: list[Question] = []
        self.usages: list[Usage] = []
        self.waited: list[float] = []

    def ask(self, question: Question) -> Answer | Trouble:
        """What the script says."""
        self.questions.append(question)
        request = Request(body=body_of(question), headers={})
        answer = self._answer(request)
        if isinstance(answer, Fault) and answer.status == 0:
            return Trouble(kind=TroubleKind.NO_CONNECTION, message="the server hung up")
        if isinstance(answer, Fault):
            said = {
                "error": {"type": answer.type, "message": answer.message, "details": {"error_code": answer.code}}
            }
            trouble = trouble_of(answer.status, answer.headers, answer.raw or said, answer.type)
            return trouble.model_copy(update={"seconds": answer.hang})
        counted = self._cache.usage(request.body) | {"output_tokens": tokens_of(answer.text)}
        usage = Usage.model_validate(dict(answer.usage) if answer.usage is not None else counted)
        self.usages.append(usage)
        if answer.then in ("end", "cut"):
            return _answered(answer, usage, question)
        kind = TroubleKind.OVERLOADED if answer.then == "error" else TroubleKind.STREAM_BROKE
        return Trouble(kind=kind, message=answer.then, usage=usage, text=answer.text[: len(answer.text) // 2])

    def wait(self, seconds: float) -> None:
        """Remember how long."""
        self.waited.append(seconds)


def _answered(reply: Reply, usage: Usage, question: Question) -> Answer:
    cut = reply.then == "cut"
    return Answer(
        text=reply.text[: len(reply.text) // 2] if cut else reply.text,
        stop_reason=None if cut else reply.stop_reason,
        usage=usage,
        model=question.model,
        detail=reply.category or "",
    )


def body_of(question: Question) -> dict[str, object]:
    """The parts of a request's body that a script looks at."""
    caching = Feature.CACHING not in question.without

    def shown(block: Block) -> dict[str, object]:
        control: dict[str, object] = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
        return {"type": "text", "text": block.text} | (control if block.cached and caching else {})

    return {
        "model": question.model,
        "max_tokens": question.max_tokens,
        "system": [shown(b) for b in question.system],
        "messages": [{"role": t.role, "content": [shown(b) for b in t.blocks]} for t in question.turns],
    }
