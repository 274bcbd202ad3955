"""What the stages and the orchestrator need from outside, as Protocols.

Adapters stand behind these; `haste.bootstrap` chooses them. Fakes ship with the package, beside the adapters that
they stand for, and pass the same contract suites.
"""

from haste.ports.competitions import CompetitionFiles, Sandbox
from haste.ports.engineers import Engineer, Messages
from haste.ports.log import Clock, EventLog, History
from haste.ports.skills import Repository, Side, SkillStore
from haste.ports.together import CurationPorts, Ports, RunPool

__all__ = [
    "Clock",
    "CompetitionFiles",
    "CurationPorts",
    "Engineer",
    "EventLog",
    "History",
    "Messages",
    "Ports",
    "Repository",
    "RunPool",
    "Sandbox",
    "Side",
    "SkillStore",
]
