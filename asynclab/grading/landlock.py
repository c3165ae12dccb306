"""Landlock: a process gives up every file but those that it names. For ever, for its children too.

The kernel's own documentation is https://docs.kernel.org/userspace-api/landlock.html.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

__all__ = ["read_only", "version"]

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls, the same on every architecture
_VERSION_FLAG, _PATH_BENEATH = 1, 1
_PR_SET_NO_NEW_PRIVS = 38

_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
_OF_FILES = _EXECUTE | _READ_FILE
_SCOPES = 0b11  # abstract sockets, signals

_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """The version of Landlock that this kernel has, 0 for none."""
    try:
        return max(0, _libc.syscall(_CREATE, None, 0, _VERSION_FLAG))
    except AttributeError:  # not Linux
        return 0


def read_only(paths: Iterable[str]) -> None:
    """Leave only these files and folders, and only to read; everything else is out of reach.

    Raises:
        OSError: the kernel refused.
    """
    abi = version()
    rights = _all_rights(abi)
    scopes = _SCOPES if abi >= 6 else 0
    attributes = struct.pack("QQQ", rights, 0, scopes)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = _checked(_libc.syscall(_CREATE, attributes, size, 0), "create a ruleset")
    try:
        for path in paths:
            _allow(ruleset, path)
        _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "give up new privileges")
        _checked(_libc.syscall(_RESTRICT, ruleset, 0), "restrict itself")
    finally:
        os.close(ruleset)


def _all_rights(abi: int) -> int:
    """Every right over files that this version can take away."""
    rights = (1 << 13) - 1
    for since, bit in ((2, 13), (3, 14), (5, 15)):
        rights |= (1 << bit) if abi >= since else 0
    return rights


def _allow(ruleset: int, path: str) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no permission
    try:
        is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        rights = _OF_FILES | _READ_DIR if is_folder else _OF_FILES
        rule = struct.pack("=Qi", rights, handle)
        _checked(_libc.syscall(_ADD, ruleset, _PATH_BENEATH, rule, 0), f"allow {path}")
    finally:
        os.close(handle)


def _checked(value: int, what: str) -> int:
    if value < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock cannot {what}: {os.strerror(error)}")
    return value
