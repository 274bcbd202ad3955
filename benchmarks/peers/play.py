"""`play.py SYSTEM SPEC SUBMISSION`: one peer on one competition, in the peer's own environment."""

import importlib
import sys
from importlib.metadata import version
from pathlib import Path

import tables

PACKAGES = {"autogluon": "autogluon.tabular", "flaml": "flaml", "lightgbm": "lightgbm"}


def main(system: str, spec: str, submission: str) -> None:
    """Fit, predict, write."""
    Path(submission).with_suffix(".version").write_text(version(PACKAGES[system]), encoding="utf-8")
    fit = importlib.import_module(f"with_{system}").fit
    tables.run(tables.spec_of(Path(spec)), fit, Path(submission))


if __name__ == "__main__":
    main(*sys.argv[1:4])
