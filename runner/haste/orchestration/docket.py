"""What a curation has before it: the learnings that wait for a verdict, and what the logs say beside them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from haste.core import curation as c
from haste.core.abstraction import seen_on
from haste.core.events import CurationFinished, LearningJudged, LearningRecorded, Recorded
from haste.core.evolve import rebuild
from haste.core.learning import Learning
from haste.core.run import RunState
from haste.core.skill import Evidence, LoadedSkill, Skill
from haste.errors import LogError
from haste.orchestration.judge import Matter
from haste.ports import CurationPorts, EventLog, Repository
from haste.projections.evidence import RunReading, by_name, by_version, kept_share, read_run
from haste.projections.reviews import Review, returned, reviews

FOLDER = "_skills"


@dataclass(frozen=True)
class Docket:
    """What one call needs besides the state: ports, the learnings in order, and what the logs say."""

    ports: CurationPorts
    repository: Repository
    matters: dict[str, Matter]
    others: tuple[Learning, ...]
    """Every learning that any run has recorded."""
    versions: dict[str, Evidence]
    """By `name@version`."""
    names: dict[str, Evidence]
    """By name, over all versions."""
    standing: dict[str, Evidence]
    """The same, but for skills that came back after a rule had retired them: what was seen of those since."""
    usual: float
    """The share of all decided changes that was kept."""
    known: Callable[[], dict[str, Review]]
    """What people and rules decided about skills before, as it stands now."""

    def matter(self, learning: Learning) -> Matter:
        """What is known about a learning, also where another call had begun with it."""
        known = self.matters.get(c.learning_key(learning))
        return known or _matter(learning, rebuild(self.ports.log.read(learning.run)))

    def loaded(self, skill: Skill) -> LoadedSkill:
        """A skill as a judge sees it."""
        version = skill.version
        return LoadedSkill(
            skill=skill, version=version, evidence=self.versions.get(f"{skill.name}@{version}", Evidence())
        )

    def taken(self, commit: str) -> set[str]:
        """Every name in the tree, of broken skills too."""
        paths = self.repository.paths(commit, "skills")
        return {path.split("/")[-2] for path in paths if path.endswith("/SKILL.md")}


def gather(runs: Sequence[str], ports: CurationPorts, repository: Repository, stream: str) -> Docket:
    """Read every log once."""
    readings: list[RunReading] = []
    others: list[Learning] = []
    for run, recorded in ports.history.runs():
        readings.append(read_run(run, recorded))
        others += [one.event.learning for one in recorded if isinstance(one.event, LearningRecorded)]
    return Docket(
        ports=ports,
        repository=repository,
        matters=_matters(runs, ports.log, stream),
        others=tuple(others),
        versions=by_version(readings),
        names=by_name(readings),
        standing=by_name(readings, returned(reviews(readable(ports.log)))),
        usual=kept_share(readings),
        known=lambda: reviews(readable(ports.log)),
    )


def _matters(runs: Sequence[str], log: EventLog, stream: str) -> dict[str, Matter]:
    """The runs' learnings that no other curation has judged."""
    elsewhere: set[str] = set()
    for other, recorded in readable(log):
        if other != stream:
            events = [one.event for one in recorded]
            if not any(isinstance(event, CurationFinished) and event.again for event in events):
                judged = (event.learning for event in events if isinstance(event, LearningJudged))
                elsewhere |= {c.learning_key(learning) for learning in judged}
    matters: dict[str, Matter] = {}
    for run in runs:
        state = rebuild(log.read(run))
        for learning in state.learnings:
            if (key := c.learning_key(learning)) not in elsewhere:
                matters[key] = _matter(learning, state)
    return matters


def _matter(learning: Learning, state: RunState) -> Matter:
    score = state.ensemble.score if state.ensemble and state.ensemble_kept else None
    if score is None and state.ensemble:
        score = state.ensemble.single_score
    if score is None and state.best:
        score = state.candidates[state.best].score
    return Matter(learning=learning, general=seen_on(learning, state.profile), score=score)


def readable(log: EventLog) -> Iterator[tuple[str, Sequence[Recorded]]]:
    """Every curation and decision that can be read: a broken stream that came in from elsewhere stops nobody."""
    for name in log.streams():
        if name.startswith(f"{FOLDER}/"):
            try:
                yield name, log.read(name)
            except LogError:  # told by `haste-run events verify`
                continue
