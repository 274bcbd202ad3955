"""Every move there is, by domain and by name."""

from haste.core.competition import Domain
from haste.engineers.offline.move import Move
from haste.engineers.offline.specialist import specialist_for


def moves_of(domain: Domain) -> tuple[Move, ...]:
    """The moves of a domain's specialist."""
    return specialist_for(domain).moves


def find_move(name: str, domain: Domain) -> Move | None:
    """The move called `name` in a domain; None when it is unknown there."""
    return next((move for move in moves_of(domain) if move.name == name), None)
