"""The stream of a workspace's own decisions: made up once, and never in the way of looking."""

from pathlib import Path

import pytest

from haste.adapters.review_stream import review_stream


def test_the_name_is_made_up_once(tmp_path: Path) -> None:
    first = review_stream(tmp_path)
    assert first.startswith("_skills/review-")
    assert review_stream(tmp_path) == first


def test_where_it_cannot_be_kept_one_can_still_look(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert review_stream(tmp_path / "file").startswith("_skills/review-")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_leaves_no_name_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def full(self: Path, mode: str = "r", **more: str) -> object:
        if mode == "x":
            self.touch()
            return opened(Path("/dev/full"), "w", **more)  # type: ignore[call-overload]
        return opened(self, mode, **more)  # type: ignore[call-overload]

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", full)
        review_stream(tmp_path)
    assert not (tmp_path / ".haste/review-stream").exists()
    assert review_stream(tmp_path) == review_stream(tmp_path)
