"""Landlock: rules about files, TCP, signals and abstract sockets that a process puts on itself for good.

Rules are per process and inherited; a later one can only narrow. Where the kernel knows less, less is
asked of it: `abi()` says how much there is, and the probe says what that leaves open.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

from .kernel import forbid_new_privileges, syscall

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
RULE_PATH_BENEATH = 1
CREATE_RULESET_VERSION = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_AND_REMOVE = sum(1 << bit for bit in range(4, 13))
REFER, TRUNCATE = 1 << 13, 1 << 14
READ = EXECUTE | READ_FILE | READ_DIR
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
TCP = 0b11
ABSTRACT_SOCKETS_AND_SIGNALS = 0b11

SCOPES_SINCE, TCP_SINCE, TRUNCATE_SINCE, REFER_SINCE = 6, 4, 3, 2


def abi() -> int:
    """The version of Landlock that this kernel has switched on; 0 is none."""
    if sys.platform != "linux":
        return 0
    try:
        return syscall(
            "landlock version",
            CREATE_RULESET,
            ctypes.c_void_p(None),
            ctypes.c_size_t(0),
            ctypes.c_uint32(CREATE_RULESET_VERSION),
        )
    except OSError:
        return 0


def write_rights(version: int) -> int:
    """Every right that changes files, as far as this version knows it."""
    rights = WRITE_FILE | MAKE_AND_REMOVE
    rights |= REFER if version >= REFER_SINCE else 0
    return rights | (TRUNCATE if version >= TRUNCATE_SINCE else 0)


def fence_signals() -> None:
    """Leave every file alone, but reach no process outside this one's descendants with a signal."""
    _restrict(_ruleset(abi(), files=0, tcp=False))


def fence(*, readable: Iterable[str], executable: Iterable[str], writable: Iterable[str], shut_tcp: bool) -> None:
    """Write `writable` alone, and read what is named here alone.

    Signals and abstract sockets are shut with it as far as the kernel knows how, and TCP where `shut_tcp`. Paths
    that aren't there are left out.
    """
    version = abi()
    writing = write_rights(version)
    handled = writing | READ
    ruleset = _ruleset(version, files=handled, tcp=shut_tcp)
    try:
        for path in readable:
            _allow(ruleset, path, (READ_FILE | READ_DIR) & handled)
        for path in executable:
            _allow(ruleset, path, READ & handled)
        for path in writable:
            _allow(ruleset, path, (writing | READ_FILE | READ_DIR) & handled)
    except BaseException:
        os.close(ruleset)
        raise
    _restrict(ruleset)


def _ruleset(version: int, *, files: int, tcp: bool) -> int:
    fields = [files]
    if version >= TCP_SINCE:
        fields.append(TCP if tcp else 0)
    if version >= SCOPES_SINCE:
        fields.append(ABSTRACT_SOCKETS_AND_SIGNALS)
    attribute = struct.pack(f"={len(fields)}Q", *fields)
    size = ctypes.c_size_t(len(attribute))
    return syscall("landlock ruleset", CREATE_RULESET, attribute, size, ctypes.c_uint32(0))


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rights = rights if Path(path).is_dir() else rights & ON_FILES
        if rights:
            rule = struct.pack("=Qi", rights, place)
            syscall("landlock rule", ADD_RULE, ruleset, RULE_PATH_BENEATH, rule, ctypes.c_uint32(0))
    finally:
        os.close(place)


def _restrict(ruleset: int) -> None:
    try:
        forbid_new_privileges()
        syscall("landlock restrict", RESTRICT_SELF, ruleset, ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
