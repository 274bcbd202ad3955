"""The event catalogue, made from docstrings: `python -m haste.cli.catalogue events/README.md`."""

import inspect
import sys
from pathlib import Path

from haste.core.events import SCHEMA, Event
from haste.core.upcast import MODELS

BEGIN, END = "<!-- made by `python -m haste.cli.catalogue events/README.md` -->", "<!-- end -->"


def catalogue() -> str:
    """Every event in a table: what happened, and what its payload says."""
    rows = [f"Schema {SCHEMA}.", "", "| event | what happened | payload |", "| --- | --- | --- |"]
    rows += [f"| `{kind}` | {_meaning(model)} | {_payload(model)} |" for kind, model in MODELS.items()]
    return "\n".join(rows)


def _meaning(model: type[Event]) -> str:
    return " ".join(inspect.getdoc(model).split()) if model.__doc__ else ""  # type: ignore[union-attr]


def _payload(model: type[Event]) -> str:
    fields = [f"`{name}`" for name in model.model_fields if name != "type"]
    return ", ".join(fields)


def with_catalogue(text: str) -> str:
    """A README with its catalogue brought up to date; what stands around it stays."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{catalogue()}\n{END}{tail}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_catalogue(path.read_text(encoding="utf-8")), encoding="utf-8")
