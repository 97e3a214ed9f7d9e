"""A process gives up what it will not need: files, network, other processes (seccomp), and size, time and memory.

What remains is to read and write what is already open, to be given open files, and memory. It is for processes that run
parsers on foreign files: one that is taken over can then open neither a secret nor a socket. Linux on x86-64 and AArch64.
"""

import ctypes
import fcntl
import os
import platform
import resource
import signal
import struct
from pathlib import Path

_LOAD, _EQUALS, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_KILL, _ALLOW, _REFUSE = 0x8000_0000, 0x7FFF_0000, 0x0005_0000
_EPERM, _ENOSYS = 1, 38
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
"""Offsets in `struct seccomp_data`."""
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_CLONE_THREAD = 0x0001_0000

# read write close fstat newfstatat lseek pread64 readv writev dup dup3; sendto recvfrom sendmsg recvmsg;
# mmap mprotect munmap mremap brk madvise membarrier; rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack setitimer;
# futex set_robust_list rseq sched_yield sched_getaffinity getpid gettid; clock_gettime clock_getres clock_nanosleep
# nanosleep gettimeofday restart_syscall getrusage sysinfo getrandom; ppoll exit exit_group
_X86_64 = (
    *(0, 1, 3, 5, 262, 8, 17, 19, 20, 32, 292, 44, 45, 46, 47, 9, 10, 11, 25, 12, 28, 324, 13, 14, 15, 131, 38),
    *(202, 273, 334, 24, 204, 39, 186, 228, 229, 230, 35, 96, 219, 98, 99, 318, 271, 60, 231),
    7,  # poll
)
_AARCH64 = (
    *(63, 64, 57, 80, 79, 62, 67, 65, 66, 23, 24, 206, 207, 211, 212, 222, 226, 215, 216, 214, 233, 283, 134, 135, 139),
    *(132, 103, 98, 99, 293, 124, 123, 172, 178, 113, 114, 115, 101, 169, 128, 165, 179, 278, 73, 93, 94),
)
_CLONE3 = 435
# Audit's name of the architecture; what is allowed; clone (of threads alone); prlimit64 (of itself alone).
_MACHINES = {"x86_64": (0xC000_003E, _X86_64, 56, 302), "aarch64": (0xC000_00B7, _AARCH64, 220, 261)}


def limit(*, memory_bytes: int, lifeline: int) -> None:
    """Limit what this process may take, and end it when the other end of the pipe `lifeline` is closed.

    `memory_bytes` are addresses beyond those that it has by now. It writes no file, leaves no core, and is the first to go
    when the machine runs out of memory.
    """
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    # The kernel sends SIGIO, which ends a process that does not wait for it, whatever it is doing.
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)


def confine() -> None:
    """Refuse this process every call to the kernel but those above; raise OSError where that cannot be had.

    It cannot be taken back. Threads must be started afterwards: those that run already would not be held to it.
    """
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        raise OSError("A process is confined before it has threads.")
    program = _program()
    code = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog
    head = struct.pack("HP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(_SET_SECCOMP, _FILTER, head, 0, 0):
        error = ctypes.get_errno()
        raise OSError(error, f"The kernel does not confine processes: {os.strerror(error)}")


def _program() -> bytes:
    """Return the filter: instructions of classic BPF over `struct seccomp_data`, each 8 bytes."""
    machine = platform.machine()
    if machine not in _MACHINES:
        raise OSError(f"It is not known how to confine a process on {machine}.")
    architecture, allowed, clone, limits = _MACHINES[machine]
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUALS, architecture, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    for number in allowed:
        steps += [_step(_EQUALS, number, 0, 1), _step(_RETURN, _ALLOW)]
    # The C library asks for clone3 first, whose arguments no filter sees, and takes clone where it is not known.
    steps += [_step(_EQUALS, _CLONE3, 0, 1), _step(_RETURN, _REFUSE | _ENOSYS)]
    steps += [
        *(_step(_EQUALS, clone, 0, 4), _step(_LOAD, _FIRST_ARGUMENT), _step(_ANY_BIT, _CLONE_THREAD, 0, 1)),
        *(_step(_RETURN, _ALLOW), _step(_RETURN, _REFUSE | _EPERM)),
        *(_step(_EQUALS, limits, 0, 4), _step(_LOAD, _FIRST_ARGUMENT), _step(_EQUALS, 0, 0, 1)),
        *(_step(_RETURN, _ALLOW), _step(_RETURN, _REFUSE | _EPERM)),
        _step(_RETURN, _REFUSE | _EPERM),
    ]
    return b"".join(steps)


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("HBBI", code, then, otherwise, value)
