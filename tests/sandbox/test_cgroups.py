"""Cgroups in a folder that looks like them, and whatever there is of them on this machine."""

import os
from contextlib import closing
from pathlib import Path

import pytest

from haste.adapters.sandbox.cgroups import Cgroup, Cgroups, find_cgroups
from haste.adapters.sandbox.pool import ProcessSandbox
from haste.core.solution import FailureKind
from sandbox.conftest import level_named
from sandbox.rooms import Room, one

MOUNT = "41 31 0:38 / {root} rw,relatime - cgroup2 cgroup2 rw\n"


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    """A mount table that says a folder is the root of all cgroups; ours is two levels down."""
    (tmp_path / "root" / "user" / "app").mkdir(parents=True)
    (tmp_path / "own").write_text("4:memory:/old\n0::/user/app\n")
    path = tmp_path / "mountinfo"
    path.write_text(MOUNT.format(root=tmp_path / "root"))
    return path


def found(mounts: Path) -> Cgroups:
    return find_cgroups(mounts, mounts.parent / "own", tried=False)


def test_the_nearest_place_that_passes_both_limits_on(mounts: Path) -> None:
    root = mounts.parent / "root"
    (root / "cgroup.subtree_control").write_text("cpu memory pids\n")
    assert found(mounts) == Cgroups(root)
    (root / "user" / "cgroup.subtree_control").write_text("memory pids\n")
    assert found(mounts) == Cgroups(root / "user")


def test_why_there_is_none(mounts: Path, tmp_path: Path) -> None:
    (mounts.parent / "root" / "cgroup.subtree_control").write_text("memory\n")
    assert found(mounts).trouble == "no cgroup here passes memory and pids on to others"
    mounts.write_text("41 31 0:38 / /proc rw - proc proc rw\n")
    assert found(mounts).trouble == "cgroups of version 2 are not mounted"
    assert found(tmp_path / "absent").hold(1) is None


def test_limits_stand_above_what_is_held_already(tmp_path: Path) -> None:
    held = Cgroups(tmp_path).hold(4711)
    assert held is not None
    assert (held.folder / "cgroup.procs").read_text() == "4711"
    (held.folder / "memory.current").write_text("1000\n")
    held.allow(5000, 3)
    written = {name: (held.folder / name).read_text() for name in ("memory.max", "memory.swap.max", "pids.max")}
    assert written == {"memory.max": "6000", "memory.swap.max": "0", "pids.max": "128"}


def test_a_place_that_refuses_is_no_place(tmp_path: Path) -> None:
    assert Cgroups(tmp_path / "absent").hold(os.getpid()) is None
    Cgroup(tmp_path / "absent").close()


def test_here_the_kernel_kills_what_is_too_large(room: Room) -> None:
    level_named("bubblewrap")
    cgroups = find_cgroups()
    if cgroups.parent is None:
        pytest.skip(cgroups.trouble)
    with closing(ProcessSandbox(level_named("bubblewrap"), imports=(), cgroups=cgroups)) as opened:
        outcome = one(opened, room.task("x = bytearray(2**30)\nfor i in range(0, 2**30, 4096): x[i] = 1"))
        assert outcome.failure is not None
        assert outcome.failure.kind is FailureKind.OUT_OF_MEMORY
    assert not list(cgroups.parent.glob(f"haste-{os.getpid()}-*"))
