"""Scopes: whom a skill is meant for, where it lives, and which scopes a run loads."""

from enum import StrEnum
from typing import Literal

Arm = Literal["tiered", "flat", "retrieved", "none"]


class Scope(StrEnum):
    """The three tiers, from the most specific to the most general."""

    COMPETITION = "competition"
    DOMAIN = "domain"
    GLOBAL = "global"

    @property
    def folder(self) -> str:
        """The folder under `skills/` that holds this scope."""
        return {"global": "global", "domain": "domains", "competition": "competitions"}[self.value]


def skill_path(scope: Scope, owner: str, name: str) -> str:
    """The path of a skill's folder in the tree; `owner` is the domain or the competition, or ''."""
    parts = ["skills", scope.folder, *([owner] if scope is not Scope.GLOBAL else []), name]
    return "/".join(parts)
