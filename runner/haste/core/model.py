"""The one shape of everything that is kept: frozen, strict about unknown fields, and hashable by content."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value: never changed after it was made, and never with a field nobody declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")
