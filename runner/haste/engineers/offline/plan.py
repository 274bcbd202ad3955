"""What a plan is: a typed pipeline, frozen, from which a script is rendered. Each domain has its own sort."""

import hashlib
import json
from typing import Any

from haste.core.competition import Domain
from haste.core.model import Frozen


class Plan(Frozen):
    """What every domain's plan knows. `approach` is the family of its leading model, e.g. `boosting`."""

    domain: Domain
    approach: str
    seed: int = 0

    def dump(self) -> dict[str, Any]:
        """The plan as JSON holds it: what is kept in the log and in a skill's recipe."""
        return self.model_dump(mode="json")

    @property
    def digest(self) -> str:
        """Equal for plans that make the same script."""
        return hashlib.sha256(json.dumps(self.dump(), sort_keys=True).encode()).hexdigest()[:16]
