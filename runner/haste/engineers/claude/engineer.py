"""The engineer that asks Claude: the five questions of the port, and which domain a competition is for."""

from collections.abc import Iterator, Sequence
from hashlib import sha256

from haste.core.competition import DOMAINS
from haste.core.events import (
    AnyEvent,
    DomainChosen,
    Event,
    LearningRecorded,
    SolutionProposed,
    SolutionRejected,
)
from haste.core.knowledge import Context
from haste.core.learning import Learning, Verdict
from haste.core.messages import Feature
from haste.core.poison import orders, secrets
from haste.core.run import RunState
from haste.core.skill import LoadedSkill
from haste.core.solution import Change, Reason, Solution
from haste.engineers.claude import composing
from haste.engineers.claude.agents import AGENTS
from haste.engineers.claude.asking import SERVICE_LIMIT, Asking, NoAnswer, asking_for
from haste.engineers.claude.judging import checked_verdict, judging_ledger, read_verdict
from haste.engineers.claude.learnings import learnings_of, plain_learnings, read_learnings
from haste.engineers.claude.ledger import Ledger, check_prices, find_model
from haste.engineers.claude.replies import (
    DistilAnswer,
    DomainAnswer,
    JudgeAnswer,
    Proposal,
    Unusable,
    read_change,
    read_draft,
    read_json,
)
from haste.engineers.claude.talk import Ask
from haste.ports import EventLog, Messages
from haste.settings import Settings

_JUDGING_SECONDS = 1_800.0
"""Longest time that one judgement may take, waits included."""


class ClaudeEngineer:
    """Proposals, learnings and judgements from a model with the Messages API. What it is told is in `prompts/`."""

    def __init__(self, messages: Messages, log: EventLog, settings: Settings) -> None:
        check_prices(settings.prices)
        self._messages = messages
        self._log = log
        self._settings = settings
        self._judging_without: tuple[Feature, ...] = ()

    @property
    def name(self) -> str:
        """`claude`, and the model."""
        return f"claude {self._settings.model}"

    # ── a run ────────────────────────────────────────────────────────────────────────────────────────

    def choose_domain(self, state: RunState, context: Context) -> Iterator[Event]:  # noqa: ARG002  (the shape)
        """Ends in DomainChosen; without one where the orchestrator could not be understood."""
        assert state.competition is not None
        pictures = bool(state.competition.row_files)

        def read(text: str) -> DomainAnswer:
            answer = read_json(text, DomainAnswer)
            if answer.domain == "image" and not pictures:
                raise Unusable("no row of this competition has a picture, so `image` can't be its domain")
            return answer

        agent = AGENTS["domain"]
        ask = Ask(
            purpose="domain",
            compose=lambda detail: composing.domain_prompt(state, detail),
            read=read,
            tokens=agent.tokens,
            effort=agent.effort,
            answer_schema=DomainAnswer.model_json_schema(),
        )
        answer = yield from self._asking(state).put(ask)
        if isinstance(answer, DomainAnswer):
            assert answer.domain in DOMAINS
            yield DomainChosen(domain=answer.domain, why=answer.why[:300])

    def draft(self, state: RunState, context: Context, *, number: int) -> Iterator[Event]:
        """A prototype unlike those before it."""
        if spent := self._search_is_over(state):
            yield SolutionRejected(purpose="draft", reason=spent, exhausted=True)
            return
        asking = self._asking(state)
        known = self._known(context)
        agent = AGENTS["draft"]
        ask = Ask(
            purpose="draft",
            compose=lambda detail: composing.draft_prompt(state, context, asking.ledger, number, detail),
            read=lambda text: _new(state, read_draft(text, known_skills=known)),
            tokens=agent.tokens,
            effort=agent.effort,
        )
        answer = yield from asking.put(ask)
        if isinstance(answer, Proposal):
            yield self._proposed(state, context, answer)
        elif not answer.paused:
            yield SolutionRejected(purpose="draft", reason=answer.reason)

    def improve(
        self, state: RunState, context: Context, *, parent: str, track: int, escalation: int
    ) -> Iterator[Event]:
        """A change of `parent`."""
        if spent := self._search_is_over(state):
            yield SolutionRejected(purpose="improve", track=track, reason=spent, exhausted=True)
            return
        asking = self._asking(state)
        known, code = self._known(context), self._code(state, parent)
        agent = AGENTS["improve"]
        ask = Ask(
            purpose="improve",
            compose=lambda detail: composing.improve_prompt(
                state, context, asking.ledger,
                parent=parent, code=code, track=track, escalation=escalation, detail=detail,
            ),
            read=lambda text: _new(
                state, read_change(text, code, known_skills=known, needs_diagnosis=True)
            ),
            tokens=AGENTS["draft"].tokens if escalation else agent.tokens,
            effort="high" if escalation else agent.effort,
            edits=True,
        )  # fmt: skip
        answer = yield from asking.put(ask)
        if isinstance(answer, Proposal):
            yield self._proposed(state, context, answer, parent=parent, track=track, escalation=escalation)
        elif not answer.paused:
            yield SolutionRejected(purpose="improve", track=track, reason=answer.reason)

    def debug(self, state: RunState, context: Context, *, solution: str, track: int | None) -> Iterator[Event]:
        """A mend of a failed solution, told of the mends that failed before."""
        if spent := self._search_is_over(state):
            yield SolutionRejected(purpose="debug", track=track, reason=spent, exhausted=True)
            return
        asking = self._asking(state)
        known, code = self._known(context), self._code(state, solution)
        agent = AGENTS["debug"]
        ask = Ask(
            purpose="debug",
            compose=lambda detail: composing.debug_prompt(
                state, context, asking.ledger, solution=solution, code=code, detail=detail
            ),
            read=lambda text: _new(state, read_change(text, code, known_skills=known, needs_diagnosis=False)),
            tokens=agent.tokens,
            effort=agent.effort,
            edits=True,
        )
        answer = yield from asking.put(ask)
        if isinstance(answer, Proposal):
            yield self._proposed(state, context, answer, track=track, mends=solution)
        elif not answer.paused:
            yield SolutionRejected(purpose="debug", track=track, reason=answer.reason)

    def distil(self, state: RunState, context: Context) -> Iterator[Event]:
        """What the run found out; what the figures alone say where the model can't be asked."""
        agent = AGENTS["distil"]
        ask = Ask(
            purpose="distil",
            compose=lambda detail: composing.distil_prompt(state, context, detail),
            read=lambda text: read_learnings(text, state),
            tokens=agent.tokens,
            effort=agent.effort,
            answer_schema=DistilAnswer.model_json_schema(),
            at_the_end=True,
            pauses=False,
        )
        answer = yield from self._asking(state).put(ask)
        answers = plain_learnings(state) if isinstance(answer, NoAnswer) else answer
        for learning in learnings_of(answers, state, self.name):
            yield LearningRecorded(learning=learning)

    # ── between runs ─────────────────────────────────────────────────────────────────────────────────

    def judge(
        self,
        learning: Learning,
        inventory: Sequence[LoadedSkill],
        others: Sequence[Learning],
        *,
        stream: str = "",
    ) -> Iterator[AnyEvent | Verdict]:
        """The orchestrator's verdict, held against what the figures allow; last."""
        words = f"{learning.title}\n{learning.text}"
        if unfit := next(iter([*orders(words), *secrets(words)]), None):
            yield Verdict(decision="skip", reason=f"nothing of it is kept: its text {unfit}")
            return
        asking = Asking(
            log=self._log,
            messages=self._messages,
            stream=stream or learning.run,
            ledger=judging_ledger(self._log, self._settings, learning.run, stream),
            seconds_left=_JUDGING_SECONDS,
            without=self._judging_without,
        )
        agent = AGENTS["judge"]
        ask = Ask(
            purpose="judge",
            compose=lambda detail: composing.judge_prompt(learning, inventory, others, detail),
            read=lambda text: read_verdict(text, inventory),
            tokens=agent.tokens,
            effort=agent.effort,
            answer_schema=JudgeAnswer.model_json_schema(),
            at_the_end=True,
            pauses=False,
        )
        answer = yield from asking.put(ask)
        self._judging_without = asking.without
        yield checked_verdict(answer, learning, others)

    # ── parts ────────────────────────────────────────────────────────────────────────────────────────

    def _asking(self, state: RunState) -> Asking:
        ledger = Ledger(
            find_model(state.settings.model, state.settings.prices),
            state.settings,
            spent_usd=state.usd,
            spent_tokens=state.output_tokens,
        )
        return asking_for(state, self._log, self._messages, ledger)

    def _code(self, state: RunState, solution: str) -> str:
        return self._log.get(state.run, state.candidates[solution].solution.code).decode("utf-8", "replace")

    @staticmethod
    def _known(context: Context) -> frozenset[str]:
        return frozenset(one.skill.name for one in context.knowledge.skills)

    @staticmethod
    def _search_is_over(state: RunState) -> str:
        """Why nothing more is proposed: the run's own budget is spent, and it went on because it has a result."""
        spent = {k: v for k, v in state.exhausted.items() if k in ("usd", "tokens")}
        own = [detail for detail in spent.values() if not detail.startswith(SERVICE_LIMIT)]
        return f"what the search may spend is spent: {own[0]}" if own and state.best is not None else ""

    def _proposed(
        self,
        state: RunState,
        context: Context,
        proposal: Proposal,
        *,
        parent: str | None = None,
        track: int | None = None,
        escalation: int = 0,
        mends: str | None = None,
    ) -> SolutionProposed:
        """The proposal as a solution. A mend keeps the parent, the idea and the citations of what it mends."""
        name = f"s{len(state.candidates) + 1:03d}"
        skills = proposal.skills
        before = None if parent is None else state.candidates[parent].solution
        diagnosis = proposal.diagnosis
        if mends is not None:
            failed = state.candidates[mends]
            before = failed.solution
            parent, escalation = before.parent, failed.escalation
            skills = tuple(dict.fromkeys([*before.reason.skills, *skills]))
            diagnosis = before.diagnosis
        approach = proposal.approach or (before.approach if before else "")
        solution = Solution(
            id=name,
            parent=parent,
            change=Change(
                move=before.change.move if mends is not None and before else proposal.move,
                summary=proposal.summary,
                parameters={"part": proposal.part} if proposal.part else {},
                level=escalation,
            ),
            code=self._log.put(context.run, f"{name}.py", proposal.code.encode()),
            approach=approach,
            diagnosis=diagnosis,
            reason=Reason(skills=skills, text=proposal.summary),
            mends=mends,
        )
        return SolutionProposed(solution=solution, track=track, escalation=escalation)


def _new(state: RunState, proposal: Proposal) -> Proposal:
    """The proposal, unless the very same script was proposed before."""
    digest = sha256(proposal.code.encode()).hexdigest()
    same = next((c.solution.id for c in state.candidates.values() if c.solution.code.sha256 == digest), None)
    if same is not None:
        raise Unusable(f"the script is the same as {same}, which was run already")
    return proposal
