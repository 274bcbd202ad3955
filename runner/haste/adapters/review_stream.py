"""The name of a workspace's own stream of decisions, so that two clones never write into the same one."""

import secrets
from contextlib import suppress
from pathlib import Path

_FILE = "review-stream"


def review_stream(root: Path) -> str:
    """The stream's name, made up on first use and kept where git doesn't look.

    Where it can't be kept, on a full disk or in somebody else's workspace, one can still look.
    """
    file, made = root / ".haste" / _FILE, f"review-{secrets.token_hex(4)}"
    try:
        file.parent.mkdir(exist_ok=True)
        with file.open("x", encoding="utf-8") as new:
            new.write(f"{made}\n")
    except FileExistsError:
        pass
    except OSError:
        with suppress(OSError):
            if file.stat().st_size == 0:
                file.unlink()
        return f"_skills/{made}"
    return f"_skills/{file.read_text(encoding='utf-8').strip()}"
