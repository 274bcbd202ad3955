"""What this machine can do for HASTE, what it lacks, what that costs, and how to close the gap."""

import os
import platform
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Literal

from haste.adapters.git_lock import OLD_LOCK_MINUTES, minutes_of
from haste.adapters.machine import PACKAGES, cores, installed, memory_bytes
from haste.adapters.sandbox.gpus import NvidiaProbe
from haste.adapters.sandbox.probe import probe
from haste.core.model import Frozen
from haste.errors import SandboxError

GIB = 2**30
LEAST_DISK = 2 * GIB
LEAST_MEMORY = 4 * GIB
LEAST_GIT = (2, 38)

State = Literal["ok", "gap", "broken"]


class Check(Frozen):
    """One thing that was looked at. `broken` means that nothing works without it; a `gap` costs something."""

    name: str
    state: State
    found: str
    costs: str = ""
    mend: str = ""


def checks(root: Path | None) -> list[Check]:
    """Everything that is looked at. `root` is the workspace, where there is one."""
    place = root or Path.cwd()
    return [
        check_system(),
        *check_sandbox(),
        check_cores(),
        check_memory(),
        check_gpus(NvidiaProbe().names()),
        *check_packages(),
        *check_git(),
        check_gh(),
        check_key(),
        check_disk(place),
        check_workspace(root),
        *check_locks(root),
    ]


def check_sandbox() -> list[Check]:
    """What holds the scripts that nobody has read: tried, not assumed."""
    try:
        report = probe()
    except SandboxError as error:
        costs = "no solution is run, unless --unsafe-exec is given"
        return [Check(name="sandbox", state="broken", found=error.message, costs=costs, mend=error.hint)]
    held = ", ".join(finding.name for finding in report.findings if finding.held)
    found = f"{report.level}, held: {held or 'nothing'}"
    parts = (report.bubblewrap.removeprefix("bubblewrap "), report.landlock, report.cgroups)
    detail = "bubblewrap {}, Landlock {}, cgroups {}".format(*parts)
    checks = [Check(name="sandbox", state="ok", found=f"{found} ({detail})")]
    for gap in report.gaps:
        state: State = "broken" if gap.name == "start" else "gap"
        name = f"sandbox: {gap.name}"
        checks.append(Check(name=name, state=state, found=gap.found, costs=gap.costs, mend=gap.mend))
    return checks


def check_system() -> Check:
    """Python and the operating system."""
    found = f"Python {platform.python_version()}, {platform.system()} {platform.release()} {platform.machine()}"
    if platform.system() == "Linux":
        return Check(name="system", state="ok", found=found)
    costs = "sandboxes need Linux: solutions run only with --unsafe-exec"
    return Check(name="system", state="gap", found=found, costs=costs, mend="use a Linux machine, container or VM")


def check_cores() -> Check:
    """Cores this process may use."""
    number = cores()
    if number >= 2:
        return Check(name="cores", state="ok", found=str(number))
    costs = "views of a solution run one after the other"
    return Check(name="cores", state="gap", found=str(number), costs=costs, mend="more cores, or more time")


def check_memory(limit: Path = Path("/sys/fs/cgroup/memory.max")) -> Check:
    """Memory, and the container's limit where that is lower."""
    whole = memory_bytes()
    try:
        allowed = min(whole, int(limit.read_text()))
    except (OSError, ValueError):
        allowed = whole
    found = f"{allowed / GIB:.1f} GiB"
    if allowed < whole:
        found += f" of {whole / GIB:.1f} GiB (limit of the container)"
    if allowed >= LEAST_MEMORY:
        return Check(name="memory", state="ok", found=found)
    costs = "larger tables end as out_of_memory"
    return Check(name="memory", state="gap", found=found, costs=costs, mend="more memory, or --jobs 1")


def check_gpus(names: tuple[str, ...]) -> Check:
    """GPUs that solutions may use."""
    if names:
        return Check(name="gpus", state="ok", found=", ".join(names))
    costs = "neural networks on images and text are slow; everything else doesn't mind"
    return Check(name="gpus", state="gap", found="none", costs=costs, mend="a machine with an NVIDIA driver")


def check_disk(folder: Path) -> Check:
    """Room for views, predictions and logs."""
    free = shutil.disk_usage(folder).free
    found = f"{free / GIB:.1f} GiB free at {folder}"
    if free >= LEAST_DISK:
        return Check(name="disk", state="ok", found=found)
    costs = "a run stops when the disk is full; it can be resumed"
    return Check(name="disk", state="gap", found=found, costs=costs, mend="free some space, or another workspace")


def check_workspace(root: Path | None) -> Check:
    """Whether there is a workspace, and it can be written."""
    if root is None:
        costs = "nothing can be run or remembered here; competitions can be checked, and files graded"
        return Check(
            name="workspace", state="gap", found="none here", costs=costs, mend="haste-run init DIR; cd DIR"
        )
    if os.access(root, os.W_OK):
        return Check(name="workspace", state="ok", found=str(root))
    found, mend = f"{root} can't be written", "give yourself the right to write there, or name another with -C"
    return Check(name="workspace", state="broken", found=found, costs="nothing can be recorded", mend=mend)


def check_locks(root: Path | None) -> list[Check]:
    """Locks of git that stand for minutes: whoever made them was killed. Of ours the next merge gets rid itself."""
    git = (root or Path()) / ".git"
    if root is None or not git.is_dir():
        return []
    places = [*git.glob("*.lock"), *(git / "refs").rglob("*.lock")]
    if not (old := [lock for lock in sorted(places) if minutes_of(lock) >= OLD_LOCK_MINUTES]):
        return []
    found = ", ".join(f"{lock} for {minutes_of(lock)} min" for lock in old)
    mend = "if no git is running: rm " + " ".join(map(str, old))
    return [Check(name="git locks", state="broken", found=found, costs="nothing is committed or merged", mend=mend)]


def check_packages() -> list[Check]:
    """Libraries that solutions may use: those that are there, and what each missing one costs."""
    there = installed()
    found = ", ".join(f"{name} {version}" for name, version in there.items())
    checks = [Check(name="packages", state="ok", found=found)]
    for name in PACKAGES:
        if name not in there:
            checks.append(_missing_package(name))
    return checks


_EXTRAS = {
    "torch": ("torch", "no neural networks: image and text competitions go without them"),
    "catboost": ("boosters", "one kind of boosting less to blend"),
    "xgboost": ("boosters", "one kind of boosting less to blend"),
}


def _missing_package(name: str) -> Check:
    extra, costs = _EXTRAS.get(name, ("", "solutions that want it fail, and are mended without it"))
    mend = f"pip install 'haste-runner[{extra}]'" if extra else f"pip install {name}"
    return Check(name=name, state="gap", found="not installed", costs=costs, mend=mend)


def check_git() -> list[Check]:
    """git, its version, and whether it knows who commits."""
    try:
        version = _said("git", "--version").split()[2]
    except (OSError, IndexError):
        mend = "install git 2.38 or newer"
        return [Check(name="git", state="broken", found="not found", costs="no workspace, no skills", mend=mend)]
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    checks = [Check(name="git", state="ok", found=version)]
    if numbers < LEAST_GIT:
        costs, mend = "skills of two runs at once can't be merged", "install git 2.38 or newer"
        checks = [Check(name="git", state="broken", found=version, costs=costs, mend=mend)]
    if not _said("git", "config", "user.email").strip():
        costs = "commits of promotions carry a name made up by HASTE"
        mend = 'git config --global user.name "Ada"; git config --global user.email ada@example.org'
        checks.append(Check(name="git identity", state="gap", found="none", costs=costs, mend=mend))
    return checks


def check_gh() -> Check:
    """The command that opens pull requests."""
    if shutil.which("gh"):
        return Check(name="gh", state="ok", found="there")
    costs = "`review open` says what to do instead of opening a pull request"
    mend = "install GitHub's `gh`, then gh auth login"
    return Check(name="gh", state="gap", found="not found", costs=costs, mend=mend)


def check_key() -> Check:
    """Whether there is a key for Claude. It is never shown."""
    names = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL")
    there = [name for name in names if os.environ.get(name)]
    if there:
        found = f"{' and '.join(there)} set; SDK {metadata.version('anthropic')}"
        return Check(name="claude", state="ok", found=found)
    costs = "the offline engineer works alone: free and reproducible, and it knows only its own moves"
    return Check(name="claude", state="gap", found="no key", costs=costs, mend="set ANTHROPIC_API_KEY")


def _said(*command: str) -> str:
    return subprocess.run(
        command, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL, check=False
    ).stdout
