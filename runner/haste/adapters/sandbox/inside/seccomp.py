"""A system-call filter: what Landlock and mounts can't say, or the kernel should not be asked at all."""

import ctypes
import errno
import os
import platform
import socket
import struct
from collections.abc import Mapping, Sequence

from . import calls
from .kernel import PR_SET_DUMPABLE, check, forbid_new_privileges, libc

PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
LOAD, EQUAL, AT_LEAST, ANY_BIT, MASK, RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
NUMBER_AT, MACHINE_AT, ARGUMENTS_AT = 0, 4, 16
NEW_NAMESPACES = 0x7E020000
TERMINAL_INPUT = (0x5412, 0x541C)
SOCKET_KIND = 0xF

MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

Step = tuple[int, int, int, int]


def known_machine() -> bool:
    """Whether there is a table for this processor."""
    return platform.machine() in MACHINES


def install(*, families: Sequence[int], only_own_signals: bool, pretend: bool) -> None:
    """Filter the calls of this process, and of all it will start.

    `families` are the socket families it may open; `pretend` makes changes of modes, owners and times do
    nothing; `only_own_signals` refuses signals to any process but this one.
    """
    steps = program(families=families, only_own_signals=only_own_signals, pretend=pretend)
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(code, len(code))
    filter_ = struct.pack("@HP", len(steps), ctypes.addressof(buffer))
    forbid_new_privileges()
    result = libc().prctl(
        ctypes.c_int(PR_SET_SECCOMP),
        ctypes.c_ulong(SECCOMP_MODE_FILTER),
        filter_,
        ctypes.c_ulong(0),
        ctypes.c_ulong(0),
    )
    check(result, "filter system calls")


def program(*, families: Sequence[int], only_own_signals: bool, pretend: bool) -> list[Step]:
    """The filter as steps of the kernel's packet-filter machine."""
    column, machine = MACHINES[platform.machine()]
    steps: list[Step] = [
        (LOAD, 0, 0, MACHINE_AT),
        (EQUAL, 1, 0, machine),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER_AT),
        (AT_LEAST, 0, 1, calls.NEWEST + 1),
        (RETURN, 0, 0, ERRNO | errno.ENOSYS),
    ]
    steps += _answer(calls.REFUSED, column, errno.EPERM) + _answer(calls.ABSENT, column, errno.ENOSYS)
    if pretend:
        steps += _answer(calls.PRETENDED, column, 0)
    steps += _unless_equal(calls.OF_OTHERS, column, 0, (0,)) + _unless_equal(
        calls.OF_OTHERS_SECOND, column, 1, (0,)
    )
    if only_own_signals:
        steps += _unless_equal(calls.SIGNALS, column, 0, (0, os.getpid(), -os.getpid()))
        steps += _answer({"pidfd_send_signal": calls.SINGLE["pidfd_send_signal"]}, column, errno.EPERM)
    steps += _unless_equal({"socket": calls.SINGLE["socket"]}, column, 0, families)
    return [*steps, *_particular(column), (RETURN, 0, 0, ALLOW)]


def _argument(position: int) -> Step:
    return (LOAD, 0, 0, ARGUMENTS_AT + 8 * position)


def _answer(names: Mapping[str, calls.Numbers], column: int, number: int) -> list[Step]:
    steps: list[Step] = []
    for numbers in names.values():
        call = numbers[column]
        if call is not None:
            steps += [(EQUAL, 0, 1, call), (RETURN, 0, 0, ERRNO | number)]
    return steps


def _unless_equal(
    names: Mapping[str, calls.Numbers], column: int, position: int, allowed: Sequence[int]
) -> list[Step]:
    block: list[Step] = [_argument(position)]
    for value in allowed:
        block += [(EQUAL, 0, 1, value & 0xFFFFFFFF), (RETURN, 0, 0, ALLOW)]
    block.append((RETURN, 0, 0, ERRNO | errno.EPERM))
    return _blocks(names, column, block)


def _particular(column: int) -> list[Step]:
    refuse: Step = (RETURN, 0, 0, ERRNO | errno.EPERM)
    allow: Step = (RETURN, 0, 0, ALLOW)
    pairs = [_argument(1), (MASK, 0, 0, SOCKET_KIND)]
    for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
        pairs += [(EQUAL, 0, 1, kind), allow]
    namespaces = [_argument(0), (ANY_BIT, 0, 1, NEW_NAMESPACES), refuse, allow]
    controls = [_argument(0), (EQUAL, 0, 1, PR_SET_DUMPABLE), refuse, allow]
    terminals = [_argument(1)]
    for request in TERMINAL_INPUT:
        terminals += [(EQUAL, 0, 1, request), refuse]
    steps: list[Step] = []
    for name, block in (
        ("socketpair", [*pairs, refuse]),
        ("clone", namespaces),
        ("prctl", controls),
        ("ioctl", [*terminals, allow]),
    ):
        steps += _blocks({name: calls.SINGLE[name]}, column, block)
    return steps


def _blocks(names: Mapping[str, calls.Numbers], column: int, block: list[Step]) -> list[Step]:
    steps: list[Step] = []
    for numbers in names.values():
        call = numbers[column]
        if call is not None:
            steps += [(EQUAL, 0, len(block), call), *block]
    return steps
