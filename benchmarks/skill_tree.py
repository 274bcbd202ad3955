"""How long skills take at 20,000: loading, promoting, and one skill's history, side by side with plain git.

    python benchmarks/skill_tree.py [--skills 20000] [--commits 20000]

Everything is generated in a temporary folder. `plain git` is the floor: the same work by git alone, in one command.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from haste.adapters.git import GitRepository, init_repository
from haste.adapters.skill_tree import GitSkills
from haste.core.condition import Condition
from haste.core.learning import Recipe
from haste.core.scope import Scope
from haste.core.skill import Skill
from haste.core.skill_text import render_skill
from haste.orchestration.promote import Mandate, promote

WORDS = ("wide", "categories", "encode", "target", "rows", "folds", "gain", "split", "trees", "linear", "noise")


def main() -> None:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skills", type=int, default=20_000)
    parser.add_argument("--commits", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="haste-benchmark-") as folder:
        repository = generate(Path(folder) / "workspace", given.skills, given.commits)
        measure(repository, given.repeat)


def generate(folder: Path, skills: int, commits: int) -> GitRepository:
    """A workspace with so many skills in all scopes, and a history of one commit a skill."""
    repository = init_repository(folder, {"README.md": b"hello\n"})
    stream = b"".join(history(repository.head(), skills, commits))
    subprocess.run(["git", "fast-import", "--quiet", "--done"], cwd=folder, input=stream, check=True)
    subprocess.run(["git", "update-ref", "refs/heads/main", "refs/heads/generated"], cwd=folder, check=True)
    subprocess.run(["git", "branch", "-q", "-D", "generated"], cwd=folder, check=True)
    subprocess.run(["git", "read-tree", "-m", "-u", "HEAD"], cwd=folder, check=True)
    return repository


def history(base: str, skills: int, commits: int) -> Iterator[bytes]:
    """A fast-import stream: the skills spread over so many commits."""
    each = max(1, skills // max(1, commits))
    made = [skill_number(number) for number in range(skills)]
    yield b""
    for number, start in enumerate(range(0, skills, each)):
        message = f"skill(promote): number {number}\n\nHaste-Promotion: p{number:012x}\n".encode()
        head = (
            f"commit refs/heads/generated\nmark :{number + 1}\ncommitter A <a@b> {1_700_000_000 + number} +0000\n"
        )
        parent = f"from {base}\n" if number == 0 else f"from :{number}\n"
        yield head.encode() + f"data {len(message)}\n".encode() + message + parent.encode()
        for skill in made[start : start + each]:
            text = render_skill(skill).encode()
            yield f"M 100644 inline {skill.path}/SKILL.md\ndata {len(text)}\n".encode() + text + b"\n"
    yield b"done\n"


def skill_number(number: int) -> Skill:
    """One generated skill: a fortieth global, an eighth in domains, the rest in competitions of 20 each."""
    scope, owner = Scope.COMPETITION, f"competition-{number // 20}"
    if number % 40 == 0:
        scope, owner = Scope.GLOBAL, ""
    elif number % 8 == 1:
        scope, owner = Scope.DOMAIN, ("tabular", "text", "image")[number % 3]
    words = " ".join(WORDS[(number * 7 + k) % len(WORDS)] for k in range(90))
    conditions = (Condition(trait="rows", at_least=float(number % 5000)),)
    return Skill(
        name=f"skill-{number}",
        description=f"Do number {number}: {words[:120]}. Use when it helps.",
        scope=scope,
        owner=owner,
        body=f"# Number {number}\n\n**When.** {words}.",
        metadata={"haste-scope": scope.value, "haste-promotion": f"p{number:012x}"},
        recipe=Recipe(move="ordered-target-encoding", gain=0.02, error=0.01, trials=3, conditions=conditions),
    )


def measure(repository: GitRepository, repeat: int) -> None:
    """Every figure, and plain git's beside it where there is one."""
    folder, head = repository.folder, repository.head()
    scopes = ("skills/global", "skills/domains/tabular", "skills/competitions/competition-7")
    cold = once(lambda: GitSkills(repository).load(head))
    report("load all, cold (read, parsed, linted)", [cold], f"{len(GitSkills(repository).load(head))} skills")
    report("load all, warm", times(lambda: GitSkills(repository).load(head), repeat), "another process")
    kept = GitSkills(repository)
    kept.load(head)
    warm = times(lambda: GitSkills(repository).load(head, within=scopes), repeat)
    report(
        "load one competition's scopes, warm",
        warm,
        f"{len(GitSkills(repository).load(head, within=scopes))} skills",
    )
    report("  plain git: ls-tree -r", times(lambda: plain(folder, "ls-tree", "-r", "HEAD", "skills"), repeat), "")
    number = iter(range(10_000))
    promote_next(repository, next(number))
    tip = repository.tip("haste/run")
    report("load all after one promotion", [once(lambda: kept.load(tip))], "the same process")
    report("promote one skill", times(lambda: promote_next(repository, next(number)), repeat), "")
    report("  plain git: status", times(lambda: plain(folder, "status", "--porcelain"), repeat), "")
    path = f"{skill_number(40).path}/SKILL.md"
    report("history of one skill", times(lambda: repository.history(head, path=path), repeat), "")
    report("  plain git: log -- path", times(lambda: plain(folder, "log", "--oneline", "--", path), repeat), "")
    report("merge the branch, work tree and all", [once(lambda: repository.merge("haste/run", "merge\n"))], "")
    report("history of one skill, after a merge", times(lambda: repository.history(head, path=path), repeat), "")
    status = plain(folder, "status", "--porcelain")
    fsck = plain(folder, "fsck", "--strict", "--no-progress", "--no-dangling")
    print(f"git status: {status.decode() or 'clean'}; git fsck: {fsck.decode() or 'clean'}")


def promote_next(repository: GitRepository, number: int) -> None:
    """One new skill on the run's branch."""
    skill = skill_number(40 * number).model_copy(update={"name": f"new-{number}", "metadata": {}})
    mandate = Mandate(branch="haste/run", run="x/r", event="x@1", decision="global", learning=skill.name)
    assert promote(repository, skill, mandate).fresh


def times(action: Callable[[], object], repeat: int) -> list[tuple[float, float]]:
    """Seconds of each repetition."""
    return [once(action) for _ in range(repeat)]


def once(action: Callable[[], object]) -> tuple[float, float]:
    """Seconds of one call: by the clock, and of processor time with that of the git processes."""
    start, before = time.perf_counter(), os.times()
    action()
    used = [after - then for after, then in zip(os.times()[:4], before[:4], strict=True)]
    return time.perf_counter() - start, sum(used)


def plain(folder: Path, *command: str) -> bytes:
    """The same by git alone."""
    return subprocess.run(["git", *command], cwd=folder, capture_output=True, check=True).stdout


def report(what: str, seconds: list[tuple[float, float]], note: str) -> None:
    """One line: the median by the clock and of processor time, and the best by the clock."""
    clock, processor = ([1000 * one[n] for one in seconds] for n in (0, 1))
    told = (
        f"{statistics.median(clock):9.1f} ms, processor {statistics.median(processor):8.1f}, best {min(clock):8.1f}"
    )
    print(f"{what:38} {told}  {note}")


if __name__ == "__main__":
    main()
