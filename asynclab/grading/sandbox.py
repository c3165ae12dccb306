"""Sandbox: what learner code can reach, in three tiers.

====  ==========================================================================================
A     Linux: an owner and a network of its own (loopback only), Landlock, seccomp, limits
B     Linux that grants no namespaces: Landlock, seccomp, limits; no network at all
C     anywhere else: a process with a time limit, and nothing more. For code that you trust
====  ==========================================================================================

A zygote confines itself once (:func:`confine`); each child that it forks adds what a process can
only do to itself (:func:`confine_child`).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import socket
import struct
import sys
import sysconfig
from pathlib import Path

from . import landlock, seccomp
from .limits import MIB, Limits

__all__ = [
    "TIERS",
    "SandboxError",
    "confine",
    "confine_child",
    "limit_resources",
    "probe",
    "readable",
]

TIERS = {
    "A": "own user and network (loopback only), Landlock, seccomp, limits",
    "B": "Landlock, seccomp, limits; no network",
    "C": "a process with a time limit; not for code that you do not trust",
}

_NEW_USER, _NEW_NETWORK, _NEW_IPC = 0x10000000, 0x40000000, 0x08000000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _SIGKILL = 1, 4, 24, 9
_SET_FLAGS, _UP = 0x8914, 0x1 | 0x40
_FIRST_OWNER = 1_900_000_000  # far from every account that a system gives out
_LIBRARIES = 256  # MiB of address space for what is mapped and not filled: code, stacks

_libc = ctypes.CDLL(None, use_errno=True)


class SandboxError(OSError):
    """This machine cannot build the sandbox that it was asked for."""


def probe() -> str:
    """The best tier that this machine can build: tried, not guessed."""
    if platform.system() != "Linux" or not landlock.version() or not seccomp.is_supported():
        return "C"
    for tier in ("A", "B"):
        if _works(tier):
            return tier
    return "C"


def _works(tier: str) -> bool:
    """Build it in a process that ends at once."""
    child = os.fork()
    if child == 0:
        try:
            confine(tier, slot=0)
            confine_child(tier, Limits(), phases=1)
        except BaseException:  # noqa: BLE001 - whatever it is, this tier cannot be built
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def readable() -> list[str]:
    """What learner code may read: Python and its libraries, and nothing of the course."""
    python = {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()}
    shared = {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/etc/localtime"}
    devices = {"/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"}
    return sorted({str(Path(path).resolve()) for path in python | shared} | shared | devices)


def confine(tier: str, slot: int) -> None:
    """Confine this process and all its children: owner, network, files.

    Args:
        tier: A or B.
        slot: each of the zygotes that run side by side has another one, and so another owner.

    Raises:
        SandboxError: the kernel refused.
    """
    try:
        files = readable()
        if tier == "A":
            _own_namespaces(slot)
        _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        os.umask(0o777)
        os.chdir("/")
        landlock.read_only(files)
        die_with_parent()
    except OSError as error:
        raise SandboxError(f"tier {tier} cannot be built: {error}") from error


def confine_child(tier: str, limits: Limits, phases: int) -> None:
    """Confine one child further: limits, and no more processes.

    Args:
        tier: A or B.
        limits: what it may use up.
        phases: how often the limit on processor time is granted.

    Raises:
        SandboxError: the kernel refused.
    """
    try:
        die_with_parent()
        limit_resources(limits, phases, count_threads=tier == "A")
        seccomp.filter_calls(network=tier == "A")
    except OSError as error:
        raise SandboxError(f"tier {tier} cannot be built: {error}") from error


def die_with_parent() -> None:
    """Whoever started this process takes it along, however they end."""
    _libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


def limit_resources(limits: Limits, phases: int, *, count_threads: bool) -> None:
    """Set the limits of the kernel on this process."""
    import resource  # noqa: PLC0415 - only where there is POSIX

    cpu = limits.cpu * (phases + 1)
    wanted = {
        resource.RLIMIT_CPU: cpu,
        resource.RLIMIT_DATA: limits.memory * MIB,
        resource.RLIMIT_AS: (limits.memory + _LIBRARIES) * MIB,  # memory that is no private data
        resource.RLIMIT_FSIZE: limits.printed * MIB,
        resource.RLIMIT_NOFILE: 128,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    if count_threads:
        wanted[resource.RLIMIT_NPROC] = limits.threads
    for what, value in wanted.items():
        at_most = value + 1 if what == resource.RLIMIT_CPU else value  # first a signal that says so
        resource.setrlimit(what, (value, at_most))


# -- owner and network ---------------------------------------------------------------------


def _own_namespaces(slot: int) -> None:
    """A network and shared memory of its own, and no power that an owner has not."""
    if os.geteuid() == 0:
        _unshare(_NEW_NETWORK | _NEW_IPC)
        _loopback_up()
        _another_owner(_FIRST_OWNER + slot)
    else:
        user, group = os.getuid(), os.getgid()
        _unshare(_NEW_USER | _NEW_NETWORK | _NEW_IPC)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        _loopback_up()
    _drop_capabilities()


def _another_owner(number: int) -> None:
    """One who owns nothing. Where only root can read the libraries, files are read as root.

    Processes and threads are counted for the real owner, which is the new one in both cases.
    """
    os.setgroups([])
    os.setresgid(number, number, number)
    reader = number if _everybody_reads_libraries() else 0
    os.setresuid(number, reader, reader)


def _everybody_reads_libraries() -> bool:
    folders = {Path(os.__file__).resolve(), Path(sys.prefix).resolve(), Path(socket.__file__)}
    parents = {parent for folder in folders for parent in folder.parents}
    return all(parent.stat().st_mode & 0o001 for parent in parents)


def _unshare(flags: int) -> None:
    if _libc.unshare(flags) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"no namespaces: {os.strerror(error)}")


def _loopback_up() -> None:
    import fcntl  # noqa: PLC0415 - only where there is POSIX

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe_socket:
        fcntl.ioctl(probe_socket, _SET_FLAGS, struct.pack("16sh22x", b"lo", _UP))


def _drop_capabilities() -> None:
    for capability in range(64):
        with contextlib.suppress(OSError):
            _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = struct.pack("Ii", 0x20080522, 0)
    number = {"x86_64": 126, "aarch64": 91}[platform.machine()]
    if _libc.syscall(number, header, bytes(24)) != 0:
        raise OSError(ctypes.get_errno(), "the capabilities cannot be dropped")
