"""Reading and removing what a script left, whatever it is."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from haste.adapters.sandbox import open_result
from haste.adapters.sandbox.results import empty_folder, hand_over, remove_tree
from haste.core.solution import Failure, FailureKind

LIMIT = 1000


def failure(work: Path, name: str = "submission.csv") -> Failure:
    found = open_result(work, name, LIMIT)
    assert isinstance(found, Failure), found
    return found


def test_a_plain_file(tmp_path: Path) -> None:
    (tmp_path / "submission.csv").write_bytes(b"x" * LIMIT)
    assert open_result(tmp_path, "submission.csv", LIMIT) == b"x" * LIMIT


def test_one_byte_too_many(tmp_path: Path) -> None:
    (tmp_path / "submission.csv").write_bytes(b"x" * (LIMIT + 1))
    assert failure(tmp_path).kind == FailureKind.TOO_LARGE
    assert "1,001 bytes, 1,000 are allowed" in failure(tmp_path).message


def test_ten_gigabytes_of_nothing(tmp_path: Path) -> None:
    with (tmp_path / "submission.csv").open("wb") as file:
        file.truncate(10 * 2**30)
    assert failure(tmp_path).kind == FailureKind.TOO_LARGE


def test_nothing(tmp_path: Path) -> None:
    assert failure(tmp_path).kind == FailureKind.NO_SUBMISSION
    assert failure(tmp_path).message == "the script wrote no submission.csv"


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def _link(path: Path) -> None:
    (path.parent / "other").write_text("secret")
    path.symlink_to("other")


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def _hard_link(path: Path) -> None:
    (path.parent / "other").write_text("secret")
    path.hardlink_to(path.parent / "other")


@pytest.mark.parametrize(
    ("plant", "says"),
    [
        (os.mkfifo, "a pipe"),
        (os.mkdir, "a folder"),
        (_socket, "a socket"),
        (_link, "a symbolic link"),
        (_dangling, "a symbolic link"),
        (_hard_link, "a hard link"),
    ],
)
def test_what_is_no_plain_file(tmp_path: Path, plant: Callable[[Path], None], says: str) -> None:
    plant(tmp_path / "submission.csv")
    assert failure(tmp_path).kind == FailureKind.NO_SUBMISSION
    assert says in failure(tmp_path).message


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a device")
def test_a_device(tmp_path: Path) -> None:
    os.mknod(tmp_path / "submission.csv", 0o600 | 0o020000, os.makedev(1, 5))
    assert "a device" in failure(tmp_path).message


@pytest.mark.parametrize("name", ["", ".", "..", "../secret", "a/b", "/etc/passwd"])
def test_a_name_that_leaves_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "work").mkdir()
    assert "is not a file name" in failure(tmp_path / "work", name).message


def test_a_work_folder_that_is_not_there(tmp_path: Path) -> None:
    assert failure(tmp_path / "none").kind == FailureKind.SANDBOX_BROKE


def test_emptying_keeps_what_links_point_to(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("x")
    work = tmp_path / "work"
    work.mkdir()
    (work / "folder").symlink_to(tmp_path / "kept")
    (work / "deep").mkdir()
    (work / "deep" / "file").symlink_to(tmp_path / "kept" / "file")
    empty_folder(work)
    assert list(work.iterdir()) == []
    assert (tmp_path / "kept" / "file").read_text() == "x"


def test_emptying_changes_no_mode_of_what_a_nested_link_points_to(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o755)
    inner = tmp_path / "work" / "inner"
    inner.mkdir(parents=True)
    (inner / "link").symlink_to(outside)
    empty_folder(tmp_path / "work")
    assert list((tmp_path / "work").iterdir()) == []
    assert outside.stat().st_mode & 0o777 == 0o755


def test_depth_beyond_any_path(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(work)
        for _ in range(3000):
            Path("x" * 20).mkdir()
            os.chdir("x" * 20)
    finally:
        os.fchdir(here)
        os.close(here)
    remove_tree(work)
    assert not work.exists()


def test_folders_without_rights(tmp_path: Path) -> None:
    work = tmp_path / "work"
    (work / "a" / "b").mkdir(parents=True)
    (work / "a" / "b" / "file").write_text("x")
    for folder in (work / "a" / "b", work / "a", work):
        folder.chmod(0)
    remove_tree(work)
    assert not work.exists()


def test_removing_what_is_not_there(tmp_path: Path) -> None:
    remove_tree(tmp_path / "none")


def test_handing_over_replaces_what_was_there(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "deep" / "target"
    source.mkdir()
    (source / "submission.csv").write_text("new")
    target.mkdir(parents=True)
    (target / "old").write_text("old")
    hand_over(source, target)
    assert [path.name for path in target.iterdir()] == ["submission.csv"]
    assert not source.exists()


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="needs a second file system")
def test_handing_over_to_another_file_system_copies_plain_files_alone(tmp_path: Path) -> None:
    import tempfile

    source = tmp_path / "source"
    source.mkdir()
    (source / "submission.csv").write_text("new")
    (source / "soft.csv").symlink_to("/etc/passwd")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        hand_over(source, Path(folder) / "target")
        assert [path.name for path in (Path(folder) / "target").iterdir()] == ["submission.csv"]
    assert not source.exists()
