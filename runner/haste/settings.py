"""One frozen settings object, made by the CLI from defaults, `haste.toml`, `HASTE_*` and flags."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """What a run is asked to do. Recorded whole in `RunStarted`, so a resumed run needs no flag again."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    seed: int = Field(default=0, ge=0, lt=2**31)
    """What every library takes: numpy refuses less, and boosters keep it in 32 bits with a sign."""
    time_limit: float = Field(default=3600.0, gt=0)
    """Seconds for the whole run."""
    iterations: int = Field(default=20, ge=0)
    """Refinements of the winner of the prototypes."""
    runner_up_iterations: int = Field(default=6, ge=0)
    prototypes: int = Field(default=3, ge=1)
    escalate_after: int = Field(default=2, ge=1)
    stagnation: int = Field(default=8, ge=1)
    """Changes in a row without a gain after which a track stops."""
    ensemble_members: int = Field(default=3, ge=1)
    folds: int = Field(default=5, ge=2)
    jobs: int = Field(default=0, ge=0)
    """Views evaluated side by side; 0 is one a core."""
    keep_errors: float = 0.5
    """A change is kept when its paired gain exceeds this many standard errors."""
    evaluation_seconds: float = Field(default=0.0, ge=0)
    """Limit for one evaluation; 0 is a share of the time limit."""
    memory_gib: float = Field(default=0.0, ge=0)
    """Memory of one evaluation's process tree; 0 is a share of the machine's."""
    arm: Literal["tiered", "flat", "retrieved", "none"] = "tiered"
    transfer_only: bool = False
    """Leave the competition's own skills out, so that what is measured is transfer."""
    engineer: Literal["auto", "offline", "claude"] = "auto"
    model: str = "claude-sonnet-4-6"
    max_usd: float = Field(default=10.0, ge=0)
    max_tokens: int = Field(default=0, ge=0)
    """Output tokens for the whole run; 0 is no limit but the money."""
    prices: dict[str, dict[str, float]] = Field(default_factory=dict)
    """What is known of models, by name, over the shipped table.

    Dollars a million tokens: `input`, `output`, `cache_read`, `cache_write`; and tokens: `context`, `max_output`,
    `cache_from`.
    """
    review: Literal["auto", "pull-request"] = "auto"
    unsafe_exec: bool = False
    """Run solutions without a sandbox where none can be had."""
    cold_start: bool = False
    """A fresh interpreter for every evaluation instead of a warm fork."""
