"""How the inventory grew: skills by scope after every curation and every round, told from the logs alone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from haste.core import events as e
from haste.core.model import Frozen


class Snapshot(Frozen):
    """The inventory after a curation or a round. The counts of changes are those since the snapshot before."""

    at: str
    label: str
    """The round of a campaign, or the curation's stream."""
    scopes: dict[str, int]
    promoted: int = 0
    amended: int = 0
    conflicts: int = 0
    retired: int = 0
    rolled_back: int = 0
    rejected: int = 0

    @property
    def total(self) -> int:
        """Skills in all scopes."""
        return sum(self.scopes.values())


@dataclass(frozen=True)
class _Inventory:
    standing: Mapping[str, str] = field(default_factory=dict)
    """The scope of each skill that stands, by name."""
    before: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    """For each promotion: its skill, and the scope that one had before, if it stood."""
    changes: Mapping[str, int] = field(default_factory=dict)


def growth(
    streams: Iterable[tuple[str, Sequence[e.Recorded]]], start: Mapping[str, str] | None = None
) -> list[Snapshot]:
    """A snapshot at the end of each round and each curation, in the order of time, and of what was decided since.

    `start` names the scope of each skill that stood before: the starter inventory is in no log. A promotion counts
    from the moment it was committed, whether it waits for its review or not, until that rejects it.
    """
    kept = (stream for _, stream in streams if not _outrun(stream))
    recorded = sorted((r for stream in kept for r in stream), key=lambda r: (r.envelope.at, r.envelope.run))
    inventory = _Inventory(standing=dict(start or {}))
    snapshots: list[Snapshot] = []
    for one in recorded:
        inventory = _after(inventory, one.event)
        label = _label(one)
        if label:
            snapshots.append(_snapshot(one.envelope.at, label, inventory))
            inventory = replace(inventory, changes={})
    if inventory.changes:
        snapshots.append(_snapshot(recorded[-1].envelope.at, "what was decided since", inventory))
    return snapshots


def _outrun(stream: Sequence[e.Recorded]) -> bool:
    """Whether nothing of a curation was kept, since everything was judged again."""
    return any(isinstance(one.event, e.CurationFinished) and one.event.again for one in stream)


def _label(one: e.Recorded) -> str:
    if isinstance(one.event, e.RoundFinished):
        return f"round {one.event.number}"
    return one.envelope.run if isinstance(one.event, e.CurationFinished) else ""


def _after(inventory: _Inventory, event: e.AnyEvent) -> _Inventory:
    if isinstance(event, e.SkillPromoted):
        earlier = (event.skill, inventory.standing.get(event.skill))
        inventory = replace(inventory, before={**inventory.before, event.promotion: earlier})
        return _counted(inventory, "promoted", {**inventory.standing, event.skill: event.scope})
    if isinstance(event, e.SkillRetired):
        left = {name: scope for name, scope in inventory.standing.items() if name != event.skill}
        stood = (event.skill, inventory.standing.get(event.skill))
        inventory = replace(inventory, before={**inventory.before, event.promotion: stood})
        return _counted(inventory, "retired", left)
    if isinstance(event, e.PromotionRolledBack):
        return _taken_back(inventory, event.promotion, "rolled_back")
    if isinstance(event, e.PromotionReviewed) and event.decision == "rejected":
        return _taken_back(inventory, event.promotion, "rejected")
    if isinstance(event, e.SkillAmended):
        return _counted(inventory, "amended", inventory.standing)
    if isinstance(event, e.ConflictAnnotated):
        return _counted(inventory, "conflicts", inventory.standing)
    return inventory


def _taken_back(inventory: _Inventory, promotion: str, how: str) -> _Inventory:
    skill, scope = inventory.before.get(promotion, (None, None))
    left = {name: s for name, s in inventory.standing.items() if name != skill}
    if skill is not None and scope is not None:
        left[skill] = scope
    return _counted(inventory, how, left)


def _counted(inventory: _Inventory, change: str, standing: Mapping[str, str]) -> _Inventory:
    changes = {**inventory.changes, change: inventory.changes.get(change, 0) + 1}
    return replace(inventory, standing=standing, changes=changes)


def _snapshot(at: str, label: str, inventory: _Inventory) -> Snapshot:
    found = Counter(inventory.standing.values())
    scopes = {scope: found[scope] for scope in ("global", "domain", "competition")}
    return Snapshot.model_validate({"at": at, "label": label, "scopes": scopes, **inventory.changes})
