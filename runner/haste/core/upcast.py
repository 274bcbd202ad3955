"""Old events in today's shape. One upcaster for each shape that changed, from one schema to the next.

Schema 2 tells what a solution was saved by fits of earlier ones. When an event's shape changes: raise `SCHEMA` in
`haste.core.events`, add `(old schema, event type): function` to `UPCASTERS`, and add a golden stream of the new
schema to `tests/log/golden`. The old one is never touched.
"""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from haste.core.events import SCHEMA, AnyEvent, Event
from haste.errors import LogError

Payload = dict[str, Any]
Upcaster = Callable[[Payload], tuple[str, Payload]]
"""Takes a payload of one schema, returns its type and payload in the next."""


def _nothing_saved(payload: Payload) -> tuple[str, Payload]:
    """Up to schema 1 every solution made its fits itself."""
    return "FoldScored", payload | {"saved_seconds": 0.0}


UPCASTERS: dict[tuple[int, str], Upcaster] = {(1, "FoldScored"): _nothing_saved}
"""By the schema and the type that they start from."""

MODELS: dict[str, type[Event]] = {
    model.model_fields["type"].default: model for model in get_args(get_args(AnyEvent)[0])
}
"""Every event's model by its type."""


def upcast(
    schema: int, kind: str, payload: Payload, *, upcasters: Mapping[tuple[int, str], Upcaster] = UPCASTERS,
    current: int = SCHEMA,
) -> tuple[str, Payload]:  # fmt: skip
    """An event of any schema so far as one of the current schema."""
    if schema == current:
        return kind, payload
    if not 1 <= schema < current:
        raise LogError(
            f"it has schema {schema}, and this version of HASTE reads schemas 1 to {current}",
            hint="install the version of haste-runner that wrote it, or a newer one",
        )
    for version in range(schema, current):
        step = upcasters.get((version, kind))
        if step is not None:
            kind, payload = step(payload)
    return kind, payload
