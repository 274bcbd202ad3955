"""A virtual environment for each system, made on first use from its pinned requirements."""

import hashlib
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[1] / "peers"


def python_of(system: str, bench: Path) -> Path:
    """The interpreter of a system's environment under `bench`. Raises RuntimeError where it can't be made."""
    wanted = REQUIREMENTS / f"requirements-{system}.txt"
    folder, log = bench / system, bench / "logs" / f"install-{system}.log"
    python, ready = folder / "bin" / "python", folder / "ready.json"
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()
    if ready.is_file() and json.loads(ready.read_text(encoding="utf-8"))["requirements"] == digest:
        return python
    print(f"installing {system} into {folder} (once)", file=sys.stderr)
    began = time.monotonic()
    log.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    with log.open("wb") as output:
        for command in (
            [sys.executable, "-m", "venv", str(folder)],
            [str(python), "-m", "pip", "install", "--disable-pip-version-check", "-r", str(wanted)],
        ):
            if subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False).returncode:
                raise RuntimeError(f"{system} could not be installed: {log} tells why")
    seconds = round(time.monotonic() - began, 1)
    ready.write_text(json.dumps({"requirements": digest, "seconds": seconds}), encoding="utf-8")
    print(f"installed {system} in {seconds:.0f} s", file=sys.stderr)
    return python
