"""Unicorn's C interface, as far as it is used, without a Python object per call.

The core is opened without UC_MODE_MCLASS: with it, Unicorn takes a Cortex-M33 whatever model was asked for, and code
that a Cortex-M0 does not have would run.
"""

import ctypes
import random
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import unicorn
from unicorn import arm_const, unicorn_const

from jobs.errors import SimulatorLost
from jobs.target import Core

REGISTER_IDS: tuple[int, ...] = (
    *(arm_const.UC_ARM_REG_R0 + number for number in range(13)),
    arm_const.UC_ARM_REG_SP,
    arm_const.UC_ARM_REG_LR,
    arm_const.UC_ARM_REG_PC,
)
"""Unicorn's numbers of r0 to r12, sp, lr and pc."""
READ_EXECUTE = int(unicorn_const.UC_PROT_READ | unicorn_const.UC_PROT_EXEC)
READ_WRITE = int(unicorn_const.UC_PROT_READ | unicorn_const.UC_PROT_WRITE)

_MODELS = {
    Core.M0: arm_const.UC_CPU_ARM_CORTEX_M0,
    Core.M3: arm_const.UC_CPU_ARM_CORTEX_M3,
    Core.M4: arm_const.UC_CPU_ARM_CORTEX_M4,
}
_TRANSLATED_BYTES = 32 * 2**20
"""Room for translated code. By default it is a GiB, which puts hooks so far away that calling them takes longer."""
_FOLLOWED_BYTES, _SEARCHED_BYTES = 4096, 256 * 1024
"""How much of the engine's handle is followed, and how far behind each of its pointers registers are looked for."""


@cache
def library() -> ctypes.CDLL:
    """Load the library that the unicorn package brings, with the signatures of what is used."""
    loaded = ctypes.CDLL(str(Path(unicorn.__file__).parent / "lib" / "libunicorn.so.2"))
    handle, address, size = ctypes.c_void_p, ctypes.c_uint64, ctypes.c_size_t
    signatures: dict[str, list[Any]] = {
        "uc_open": [ctypes.c_int, ctypes.c_int, ctypes.POINTER(handle)],
        "uc_close": [handle],
        "uc_mem_map_ptr": [handle, address, size, ctypes.c_uint32, handle],
        "uc_reg_read": [handle, ctypes.c_int, ctypes.POINTER(ctypes.c_uint32)],
        "uc_reg_write": [handle, ctypes.c_int, ctypes.POINTER(ctypes.c_uint32)],
        "uc_context_alloc": [handle, ctypes.POINTER(handle)],
        "uc_context_save": [handle, handle],
        "uc_context_free": [handle],
        "uc_emu_start": [handle, address, address, address, size],
    }
    for name, arguments in signatures.items():
        function = getattr(loaded, name)
        function.argtypes, function.restype = arguments, ctypes.c_int
    loaded.uc_strerror.restype = ctypes.c_char_p
    return loaded


def address_of(name: str) -> int:
    """Return where the function `name` of the library is."""
    return ctypes.cast(getattr(library(), name), ctypes.c_void_p).value or 0


def version() -> str:
    """Return the version of Unicorn."""
    return str(vars(unicorn)["__version__"])


def error_text(error: int) -> str:
    """Describe one of Unicorn's errors."""
    return str(library().uc_strerror(error).decode())


class Engine:
    """One Unicorn engine; raises SimulatorLost where the library refuses."""

    def __init__(self, core: Core) -> None:
        """Open an engine of `core`'s model."""
        self._library = library()
        self._buffers: list[object] = []
        self._contexts: list[int] = []
        handle = ctypes.c_void_p()
        _check(self._library.uc_open(unicorn_const.UC_ARCH_ARM, unicorn_const.UC_MODE_THUMB, ctypes.byref(handle)))
        self.handle = int(handle.value or 0)
        self._control(unicorn_const.UC_CTL_CPU_MODEL, _MODELS[core])
        self._control(unicorn_const.UC_CTL_TCG_BUFFER_SIZE, _TRANSLATED_BYTES)

    def close(self) -> None:
        """Free the engine; it is not used again."""
        for context in self._contexts:
            self._library.uc_context_free(context)
        self._contexts.clear()
        if self.handle:
            self._library.uc_close(self.handle)
            self.handle = 0

    def map(self, start: int, memory: Any, access: int) -> None:
        """Map a numpy array of whole pages, page-aligned, at `start`; it is kept alive."""
        self._buffers.append(memory)
        _check(self._library.uc_mem_map_ptr(self.handle, start, memory.nbytes, access, memory.ctypes.data))

    def read(self, register: int) -> int:
        """Return a register by Unicorn's number."""
        value = ctypes.c_uint32()
        _check(self._library.uc_reg_read(self.handle, register, ctypes.byref(value)))
        return value.value

    def write(self, register: int, value: int) -> None:
        """Set a register by Unicorn's number."""
        _check(self._library.uc_reg_write(self.handle, register, ctypes.byref(ctypes.c_uint32(value))))

    def hook_code(self, function: int, data: int) -> None:
        """Call the C function at `function` before every instruction."""
        self._hook(unicorn_const.UC_HOOK_CODE, function, data)

    def hook_memory(self, function: int, data: int) -> None:
        """Call the C function at `function` for every word that is loaded or stored."""
        self._hook(unicorn_const.UC_HOOK_MEM_READ | unicorn_const.UC_HOOK_MEM_WRITE, function, data)

    def hook_translation(self, function: int, data: int) -> None:
        """Let the C function at `function` say what pages may do, instead of the core's own protection."""
        self._control(unicorn_const.UC_CTL_TLB_TYPE, unicorn_const.UC_TLB_VIRTUAL)
        self._hook(unicorn_const.UC_HOOK_TLB_FILL, function, data)

    def _control(self, what: int, value: int) -> None:
        request = what | (1 << 26) | (unicorn_const.UC_CTL_IO_WRITE << 30)
        _check(self._library.uc_ctl(ctypes.c_void_p(self.handle), ctypes.c_uint(request), ctypes.c_int(value)))

    def _hook(self, kind: int, function: int, data: int) -> None:
        hook = ctypes.c_size_t()
        add = self._library.uc_hook_add
        add.restype = ctypes.c_int
        _check(
            add(
                ctypes.c_void_p(self.handle),
                ctypes.byref(hook),
                ctypes.c_int(kind),
                ctypes.c_void_p(function),
                ctypes.c_void_p(data),
                ctypes.c_uint64(1),
                ctypes.c_uint64(0),
            )
        )

    def context(self) -> int:
        """Return the address of a context with the registers as they are; it lives as long as the engine."""
        context = ctypes.c_void_p()
        _check(self._library.uc_context_alloc(self.handle, ctypes.byref(context)))
        self._contexts.append(int(context.value or 0))
        _check(self._library.uc_context_save(self.handle, context))
        return self._contexts[-1]

    def registers_agree(self, address: int) -> bool:
        """Return whether r0 to lr at `address` in this process are what the public interface says."""
        found = struct.unpack("<15I", ctypes.string_at(address, 60))
        return all(value == self.read(number) for value, number in zip(found, REGISTER_IDS, strict=False))

    def find_registers(self) -> int | None:
        """Return where r0 to lr lie in this process, or None where that cannot be told for certain.

        The layout of the engine is private. Random values are written through the public interface and looked for
        behind the pointers that the engine's own structure holds; a place counts when it follows several such
        changes, and when the public interface follows a change made there.
        """
        before = [self.read(number) for number in REGISTER_IDS[:15]]
        rng = random.Random(self.handle)  # noqa: S311 -- test patterns, not secrets
        try:
            candidates = self._places(self._scribble(rng))
            for _ in range(3):
                pattern = self._scribble(rng)
                candidates = [place for place in candidates if ctypes.string_at(place, 60) == pattern]
            if len(candidates) != 1:
                return None
            place = candidates[0]
            return place if self._obeys(place, rng) else None
        finally:
            for number, value in zip(REGISTER_IDS, before, strict=False):
                self.write(number, value)

    def _scribble(self, rng: random.Random) -> bytes:
        values = [rng.getrandbits(30) << 2 for _ in range(15)]  # a stack pointer is a multiple of four
        for number, value in zip(REGISTER_IDS, values, strict=False):
            self.write(number, value)
        return struct.pack("<15I", *values)

    def _obeys(self, place: int, rng: random.Random) -> bool:
        values = [rng.getrandbits(30) << 2 for _ in range(15)]
        ctypes.memmove(place, struct.pack("<15I", *values), 60)
        return self.registers_agree(place)

    def _places(self, pattern: bytes) -> list[int]:
        maps = list(_writable_maps())
        with Path("/proc/self/mem").open("rb", buffering=0) as memory:

            def read(start: int, length: int) -> bytes:
                home = next(((low, high) for low, high in maps if low <= start < high), None)
                if home is None:
                    return b""
                memory.seek(start)
                return memory.read(min(length, home[1] - start))

            handle = read(self.handle, _FOLLOWED_BYTES)
            pointers = set(struct.unpack(f"<{len(handle) // 8}Q", handle[: len(handle) // 8 * 8]))
            found = set()
            for pointer in pointers:
                data = read(pointer, _SEARCHED_BYTES)
                at = data.find(pattern)
                while at >= 0:
                    found.add(pointer + at)
                    at = data.find(pattern, at + 4)
        return sorted(found)


def _writable_maps() -> Iterator[tuple[int, int]]:
    for line in Path("/proc/self/maps").read_text(encoding="ascii", errors="replace").splitlines():
        span, access, *_ = line.split()
        if access.startswith("rw"):
            low, high = span.split("-")
            yield int(low, 16), int(high, 16)


def _check(error: int) -> None:
    if error:
        raise SimulatorLost(f"Unicorn refused: {error_text(error)}")
