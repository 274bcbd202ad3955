"""The machine's clock."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The port `Clock` over the operating system's clocks."""

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  (this is the door)

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()
