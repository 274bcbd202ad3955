"""What a new workspace begins with: settings, ignored paths, and the starter inventory of skills."""

import json
from pathlib import Path

import haste
from haste.settings import Settings

GITIGNORE = """\
# Views, predictions, caches: made again from the log.
.haste/
submissions/
# A live stream is written here; a run's own commit publishes it.
events/*/
__pycache__/
"""

GITATTRIBUTES = """\
# A formatter or newline conversion that touches a stream breaks its hashes.
*.jsonl -text
events/** -text
"""

README = """\
# A HASTE workspace

`skills/` holds what was learned, `events/` what happened, `haste.toml` the settings.

    haste-run solve PATH/TO/COMPETITION
    haste-run watch
    haste-run runs show last
    haste-run skills list
"""


EVENTS = """\
# Events

One stream a run: `<competition>/<run>.jsonl`, hash-chained, never edited; files that events name stand beside it.
`haste-run events show last` reads one, `haste-run events verify` checks them all.
"""


def workspace_files() -> dict[str, bytes]:
    """The files of a new workspace's first commit, by path."""
    texts = {
        ".gitattributes": GITATTRIBUTES,
        ".gitignore": GITIGNORE,
        "README.md": README,
        "events/README.md": EVENTS,
        "haste.toml": settings_file(),
    }
    return {path: text.encode() for path, text in texts.items()} | starter_skills()


def settings_file() -> str:
    """A `haste.toml` with every setting, its default as a comment."""
    head = "# Settings of every run here. HASTE_<NAME> in the environment and flags go before them.\n[run]\n"
    return head + "".join(f"# {name} = {json.dumps(value)}\n" for name, value in _defaults().items())


def _defaults() -> dict[str, object]:
    plain = Settings().model_dump()
    return {name: value for name, value in plain.items() if not isinstance(value, dict)}


def starter_skills() -> dict[str, bytes]:
    """The skills that come with HASTE, by path under the workspace; none where they weren't installed with it."""
    for folder in (Path(haste.__file__).parent / "starter", Path(haste.__file__).parents[2] / "skills"):
        if (folder / "global").is_dir():
            return {
                f"skills/{path.relative_to(folder).as_posix()}": path.read_bytes()
                for path in sorted(folder.rglob("*"))
                if path.is_file() and not path.is_symlink() and path.relative_to(folder).parts[0] != "competitions"
            }
    return {}
