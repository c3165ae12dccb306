"""Seccomp: the system calls that a process gives up, as a small program for the kernel's filter.

What is refused fails with EPERM, so Python raises PermissionError and the rest goes on. There are
no processes, only threads; no signals but to oneself; no files by other doors than ``open``.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

__all__ = ["filter_calls", "is_supported"]

# name: number on x86_64, on aarch64 (None: it does not exist there)
_DENIED: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "kcmp": (312, 272),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424),
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    # the machine
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsmount": (432, 432), "mount_setattr": (442, 442), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89),
    "syslog": (103, 116), "quotactl": (179, 60), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219), "personality": (135, 92),
    "open_by_handle_at": (304, 265), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    # another owner
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143),
    "setgroups": (116, 159), "setresuid": (117, 147), "setresgid": (119, 149),
    "setfsuid": (122, 151), "setfsgid": (123, 152), "capset": (126, 91),
    # what would stay behind
    "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    "memfd_create": (319, 279), "memfd_secret": (447, 447),
    # files of the same owner, where Landlock does not look
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "lchown": (94, None), "fchown": (93, 55), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None),
    "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "truncate": (76, 45), "fallocate": (285, 47),
}  # fmt: skip
_CLONE, _CLONE3, _SOCKET = (56, 220), (435, 435), (41, 198)
_KILL, _TGKILL, _PRLIMIT, _PRCTL = (62, 129), (234, 131), (302, 261), (157, 167)

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_X32 = 0x40000000  # the third ABI of x86_64, which would go round every number above

# The filter's machine: load a word, jump, return. Offsets are those of struct seccomp_data.
_LOAD, _JUMP_EQ, _JUMP_GE, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NR, _ARCH, _ARG0 = 0, 4, 16
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38

_CLONE_THREAD = 0x10000
_INTERNET = (2, 10)
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _MODE_FILTER = 1, 4, 22, 2

_libc = ctypes.CDLL(None, use_errno=True)


def is_supported() -> bool:
    """Whether the numbers of this machine's system calls are known."""
    known = platform.machine() in _ARCHITECTURES and struct.calcsize("P") == 8
    return known and hasattr(_libc, "prctl")


def filter_calls(*, network: bool) -> None:
    """Give up the calls above, for ever. The process must have given up new privileges.

    Args:
        network: internet sockets may be made; what they reach is another matter.

    Raises:
        OSError: the kernel refused.
    """
    program = _program(network)
    buffer = ctypes.create_string_buffer(program)
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    if _libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, header, 0, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"seccomp refused the filter: {os.strerror(error)}")


def _program(network: bool) -> bytes:
    column, architecture = _ARCHITECTURES[platform.machine()]
    code = [_op(_LOAD, _ARCH), _op(_JUMP_EQ, architecture, 1, 0), _op(_RETURN, _KILL_PROCESS)]
    code.append(_op(_LOAD, _NR))
    if column == 0:
        code += [_op(_JUMP_GE, _X32, 0, 1), _op(_RETURN, _KILL_PROCESS)]
    for numbers in _DENIED.values():
        if (number := numbers[column]) is not None:
            code += _when(number, [_refuse()])
    code += _when(_CLONE3[column], [_refuse(_ENOSYS)])  # the C library then uses clone
    code += _when(_CLONE[column], _unless_set(_CLONE_THREAD))
    code += _when(_SOCKET[column], _unless_one_of(_INTERNET if network else ()))
    code += _when(_KILL[column], _unless_one_of((os.getpid(),)))
    code += _when(_TGKILL[column], _unless_one_of((os.getpid(),)))
    code += _when(_PRLIMIT[column], _unless_one_of((0, os.getpid())))
    code += _when(_PRCTL[column], _if_one_of((_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE)))
    code.append(_op(_RETURN, _ALLOW))
    return b"".join(code)


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _refuse(error: int = _EPERM) -> bytes:
    return _op(_RETURN, _ERRNO | error)


def _when(number: int, block: list[bytes]) -> list[bytes]:
    """Run the block, which ends with a return, for this call."""
    return [_op(_JUMP_EQ, number, 0, len(block)), *block]


def _unless_set(bits: int) -> list[bytes]:
    allow = _op(_RETURN, _ALLOW)
    return [_op(_LOAD, _ARG0), _op(_JUMP_SET, bits, 0, 1), allow, _refuse()]


def _unless_one_of(values: tuple[int, ...]) -> list[bytes]:
    return _compare(values, _op(_RETURN, _ALLOW), _refuse())


def _if_one_of(values: tuple[int, ...]) -> list[bytes]:
    return _compare(values, _refuse(), _op(_RETURN, _ALLOW))


def _compare(values: tuple[int, ...], same: bytes, other: bytes) -> list[bytes]:
    tests = [piece for value in values for piece in (_op(_JUMP_EQ, value, 0, 1), same)]
    return [_op(_LOAD, _ARG0), *tests, other]
