"""The name of a workspace's own stream of decisions, so that two clones never write into the same one."""

import secrets
from pathlib import Path

_FILE = "review-stream"


def review_stream(root: Path) -> str:
    """The stream's name, made up on first use and kept where git doesn't look."""
    file = root / ".haste" / _FILE
    file.parent.mkdir(exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(f"review-{secrets.token_hex(4)}\n")
    except FileExistsError:
        pass
    return f"_skills/{file.read_text(encoding='utf-8').strip()}"
