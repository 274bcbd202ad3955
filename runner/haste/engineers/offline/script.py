"""From a template's text to a script: imports that are used, sorted, no more; values as Python literals."""

import ast
import builtins
import re
from textwrap import wrap
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

LONGEST = 110
"""Letters in a line of a script's docstring."""
SPARED = frozenset({"SEED", "n"})
"""Constants that begin every script, on a line each, and that some scripts have no use for."""
STANDARD = frozenset({"os", "re", "json", "math", "pathlib", "collections", "concurrent", "itertools"})


def environment() -> Environment:
    """The templates' environment: an unknown name is an error, and every value goes through `py`."""
    made = Environment(
        loader=PackageLoader("haste.engineers.offline"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  (Python, not HTML: `py` quotes what goes in)
    )
    made.filters["py"] = literal
    return made


def literal(value: Any, indent: int = 0) -> str:  # noqa: ANN401  (any plain value)
    """A value as Python source; long lists of names are broken over lines of at most about 100 characters."""
    if isinstance(value, (tuple, list)):
        return _sequence([literal(v) for v in value], indent)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, (bool, int, float)) or value is None:
        return repr(value)
    raise TypeError(f"{type(value).__name__} has no place in a script")


def _quoted(text: str) -> str:
    quoted = repr(text)
    return f'"{text}"' if quoted == f"'{text}'" and '"' not in text else quoted


def _sequence(parts: list[str], indent: int) -> str:
    flat = "[" + ", ".join(parts) + "]"
    if len(flat) + indent <= 90:
        return flat
    pad, lines, line = " " * (indent + 4), [], ""
    for part in parts:
        if line and len(line) + len(part) + 2 > 96 - indent:
            lines.append(line)
            line = ""
        line += (" " if line else "") + part + ","
    lines.append(line)
    return "[\n" + "\n".join(pad + one for one in lines) + "\n" + " " * indent + "]"


def with_imports(docstring: str, body: str, known: dict[str, str]) -> str:
    """The script: docstring, the imports that `body` uses out of `known` (name → statement), and the body.

    Of `SPARED` what the body never reads is left out.

    A statement is `import pandas as pd` or `from sklearn.svm import`; names of the same module share one line.
    """
    body = _spared(body)
    wanted = sorted(_loaded(body) & known.keys())
    plain = {known[name] for name in wanted if known[name].startswith("import ")}
    members: dict[str, list[str]] = {}
    for name in wanted:
        if known[name].startswith("from "):
            members.setdefault(known[name], []).append(name)
    froms = {f"{module} {_names(module, names)}" for module, names in members.items()}
    sections = []
    for standard in (True, False):
        here = [sorted(filter(_is(standard), lines), key=str.lower) for lines in (plain, froms)]
        lines = [*here[0], *here[1]]
        if lines:
            sections.append("\n".join(lines))
    head = "\n\n".join(sections)
    spaced = re.sub(r"\n{4,}", "\n\n\n", body.strip())
    told = "\n".join(wrap(docstring, LONGEST, break_long_words=False, break_on_hyphens=False))
    return f'"""{told}"""\n\n{head}\n\n{spaced}\n'


def _spared(body: str) -> str:
    """The body without those constants that nothing in it reads."""
    tree = ast.parse(body)
    read = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    unread = {
        node.lineno
        for node in tree.body
        if isinstance(node, ast.Assign) and {ast.unparse(target) for target in node.targets} <= SPARED - read
    }
    return "\n".join(line for k, line in enumerate(body.split("\n"), 1) if k not in unread)


def _is(standard: bool) -> Any:  # noqa: ANN401  (a predicate)
    return lambda line: (line.split()[1].split(".")[0] in STANDARD) is standard


def _names(module: str, names: list[str]) -> str:
    """isort's order: CONSTANTS, Classes, functions; broken over lines where the line would be too long."""
    ordered = sorted(names, key=lambda n: (0 if n.isupper() else 1 if n[:1].isupper() else 2, n))
    flat = ", ".join(ordered)
    if len(module) + 1 + len(flat) <= 88:
        return flat
    return "(\n" + "".join(f"    {name},\n" for name in ordered) + ")"


def _loaded(body: str) -> set[str]:
    """Names that a body reads and nobody in it defines at the top."""
    tree = ast.parse(body)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    stored = {n.id for n in names if isinstance(n.ctx, ast.Store)}
    return {n.id for n in names if isinstance(n.ctx, ast.Load)} - stored - set(dir(builtins))
