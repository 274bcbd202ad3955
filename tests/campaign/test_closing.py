"""Judging anew has a stream of its own, a few times and no more."""

import pytest

from haste.orchestration.closing import next_stream


@pytest.mark.parametrize(
    ("stream", "following"),
    [
        ("_skills/plums.r1", "_skills/plums.r1.again2"),
        ("_skills/plums.r1.again2", "_skills/plums.r1.again3"),
        ("_skills/plums.r1.again5", ""),
        ("_skills/plums.again4-r1", "_skills/plums.again4-r1.again2"),
    ],
)
def test_the_next_stream_counts_its_own_ending_alone(stream: str, following: str) -> None:
    assert next_stream(stream) == following
