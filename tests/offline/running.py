"""Running a rendered script the way a competitor would: in a folder with `input/` beside it."""

import ast
import builtins
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd  # noqa: TID251  (what scripts read and write)

RULES = "F,E7,E9,I,B,PLE,PLW,SIM,RET,C4,PERF,NPY"
"""What a linter says nothing about in a script: broken, unused and roundabout code, and imports out of order."""


def run_script(code: str, public: Path, work: Path) -> subprocess.CompletedProcess[str]:
    """Run a script over a public folder; its files are then in `work`. Warnings are errors."""
    work.mkdir(parents=True, exist_ok=True)
    (work / "solution.py").write_text(code)
    if not (work / "input").exists():
        (work / "input").symlink_to(public)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "solution.py"],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def submission(work: Path) -> pd.DataFrame:
    """What the script wrote."""
    return pd.read_csv(work / "submission.csv")


def unread(code: str) -> set[str]:
    """Names at the top of a script that nothing in it reads."""
    written: set[str] = set()
    read: set[str] = set()
    for part in ast.parse(code).body:
        names = [node for node in ast.walk(part) if isinstance(node, ast.Name)]
        own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        if isinstance(part, (ast.FunctionDef, ast.ClassDef)):
            written.add(part.name)
            own |= {a.arg for node in ast.walk(part) if isinstance(node, ast.arguments) for a in node.args}
        else:
            written, own = written | own, set()
        read |= {node.id for node in names if isinstance(node.ctx, ast.Load)} - own
    return written - read - {"_"}


def reads_of_kept_fits(code: str) -> set[str]:
    """What functions whose results are kept read besides their arguments, in helpers too; imports aren't told."""
    tree = ast.parse(code)
    known = {a.asname or a.name for n in tree.body if isinstance(n, (ast.Import, ast.ImportFrom)) for a in n.names}
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
    kept = {n for n, function in functions.items() if "memory.cache" in map(ast.unparse, function.decorator_list)}
    waiting = sorted(kept)
    reads: set[str] = set()
    for name in waiting:
        found = _reads(functions[name]) - known - set(dir(builtins))
        waiting += [helper for helper in found & functions.keys() if helper not in waiting]
        reads |= found - functions.keys()
    return reads


def _reads(function: ast.FunctionDef) -> set[str]:
    names = [node for part in function.body for node in ast.walk(part) if isinstance(node, ast.Name)]
    arguments = [a.arg for node in ast.walk(function) if isinstance(node, ast.arguments) for a in node.args]
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)} | set(arguments)
    inner = {node.name for node in ast.walk(function) if isinstance(node, ast.FunctionDef)}
    return {node.id for node in names if isinstance(node.ctx, ast.Load)} - own - inner
