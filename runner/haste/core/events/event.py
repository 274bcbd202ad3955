"""What every event is."""

from haste.core.model import Frozen


class Event(Frozen):
    """Something that happened."""
