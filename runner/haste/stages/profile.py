"""Profile: look at the data, choose the domain, load the skills. No model is run."""

from collections.abc import Iterator, Sequence

from haste.core import actions as a
from haste.core.competition import Competition, Domain, Profile
from haste.core.events import (
    BudgetExhausted,
    CompetitionProfiled,
    DomainChosen,
    Event,
    LoadedRef,
    SkillsLoaded,
)
from haste.core.knowledge import Knowledge
from haste.core.run import RunState
from haste.core.selection import folders, select
from haste.core.skill import LoadedSkill
from haste.core.solution import FileRef
from haste.ports import Ports
from haste.stages.context import context

CHARACTERS_PER_TOKEN = 4.0
"""A rough rule for English text; what a model counts is in its own usage events."""


def look(_: a.Profile, state: RunState, ports: Ports) -> Iterator[Event]:
    """Profile the competition's tables."""
    assert state.competition is not None
    yield CompetitionProfiled(profile=ports.files.profile(state.competition, state.settings))


def choose_domain(_: a.ChooseDomain, state: RunState, ports: Ports) -> Iterator[Event]:
    """Take the stated domain, ask an engineer that has a say in it, or go by the data."""
    assert state.competition is not None and state.profile is not None
    if state.competition.domain is not None:
        yield DomainChosen(domain=state.competition.domain, why="the competition says so")
        return
    asked = getattr(ports.engineer, "choose_domain", None)
    if asked is not None:
        for event in asked(state, context(state, ports)):
            yield event
            if isinstance(event, DomainChosen | BudgetExhausted):
                return
    domain, why = domain_of(state.competition, state.profile)
    yield DomainChosen(domain=domain, why=why)


def domain_of(competition: Competition, profile: Profile) -> tuple[Domain, str]:
    """The domain that the data speaks for, and why."""
    traits = profile.traits
    if competition.row_files:
        kind = traits.get("row_file_kind", "")
        if kind == "image":
            return "image", "every row has a picture"
        if kind in ("audio", "sequence"):
            return "general", f"every row has a file of kind {kind}"
    text = [c.name for c in profile.columns if c.kind == "text"]
    others = [c for c in profile.columns if c.kind in ("numeric", "categorical", "boolean", "date")]
    if text and len(others) <= 2 * len(text):
        return "text", f"most of what the table says is prose: {', '.join(text[:3])}"
    return "tabular", f"{len(others)} columns of numbers, categories and dates"


def load_skills(_: a.LoadSkills, state: RunState, ports: Ports) -> Iterator[Event]:
    """Load what the arm allows, with the evidence of this moment, and keep it beside the log."""
    assert state.competition is not None and state.domain is not None and state.profile is not None
    commit, arm = ports.skills.head(), state.settings.arm
    chosen = select(
        ports.skills.load(commit, within=folders(arm, state.domain, state.competition.id)),
        arm=arm,
        domain=state.domain,
        competition=state.competition.id,
        transfer_only=state.settings.transfer_only,
        query=f"{state.competition.title} {state.competition.description}",
    )
    evidence = ports.history.evidence(chosen)
    loaded = [
        LoadedSkill(skill=s, version=s.version, evidence=evidence[key])
        if (key := f"{s.name}@{s.version}") in evidence
        else LoadedSkill(skill=s, version=s.version)
        for s in chosen
    ]
    data = Knowledge(skills=tuple(loaded)).model_dump_json().encode()
    yield _loaded(state, commit, loaded, ports.log.put(state.run, "knowledge.json", data))


def _loaded(state: RunState, commit: str, loaded: Sequence[LoadedSkill], ref: FileRef) -> SkillsLoaded:
    characters = sum(len(one.skill.description) + len(one.skill.body) for one in loaded)
    return SkillsLoaded(
        arm=state.settings.arm,
        commit=commit,
        skills=tuple(
            LoadedRef(name=one.skill.name, scope=one.skill.scope.value, version=one.version) for one in loaded
        ),
        characters=characters,
        tokens=round(characters / CHARACTERS_PER_TOKEN),
        knowledge=ref,
    )
