"""The contract, kept by the real sandboxes, by cold starts and by the fake."""

from collections.abc import Iterator

import pytest

from haste.adapters.sandbox.fake import FakeSandbox
from haste.adapters.sandbox.pool import ProcessSandbox
from haste.core.solution import Failure, FailureKind
from haste.ports import Sandbox
from sandbox.conftest import level_named
from sandbox.contract import PARTS, WRITES, SandboxContract
from sandbox.rooms import Room, one


class TestWarm(SandboxContract):
    pass


class TestCold(SandboxContract):
    @pytest.fixture(params=["bubblewrap", "landlock"])
    def sandbox(self, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
        opened = ProcessSandbox(level_named(request.param), cold_start=True)
        yield opened
        opened.close()


class TestFake(SandboxContract):
    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return FakeSandbox(PARTS)

    @pytest.fixture
    def disposable(self) -> Sandbox:
        return FakeSandbox(PARTS)

    def test_it_remembers_what_it_ran(self, room: Room) -> None:
        fake = FakeSandbox(PARTS)
        one(fake, room.task(WRITES))
        assert [task.code for task in fake.ran] == [WRITES]

    def test_a_part_can_fail_in_any_way(self, room: Room) -> None:
        failure = Failure(kind=FailureKind.TIMED_OUT, message="still running after 3 s, the limit")
        fake = FakeSandbox({"slow": lambda work, view: failure})
        assert one(fake, room.task("slow()")).failure == failure

    def test_a_script_without_a_part_crashes(self, room: Room) -> None:
        assert one(FakeSandbox({}), room.task("anything")).failure is not None
