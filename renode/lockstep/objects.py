"""Machine code of kernels: made by LLVM for this CPU, kept on disk, loaded into this process.

A kernel's object file is named by its name and by everything that made it: the sources beside this one and those of
the operations, LLVM, the CPU and its features. A file is written aside and renamed, so several processes may make the
same one; what cannot be loaded is made again.
"""

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm

_HERE = Path(__file__).parent
_SOURCES = (
    *(_HERE / f"{name}.py" for name in ("arena", "eights", "frame", "kernels", "kernels_access", "kernels_batch")),
    *(_HERE / f"{name}.py" for name in ("kernels_tally", "llvm", "objects", "planes", "sampling")),
    *(_HERE.parent / "thumb" / f"{name}.py" for name in ("parallel", "scalar", "semantics")),
)
MOST_FILES = 32_768
"""Object files that are kept, of about 3 KB each: which kernels there are depends on the firmware that people bring."""
_STALE_S = 3600
_ASIDE = ".part"
"""How the name ends of a file that is being written."""


class Objects:
    """Functions of one CPU, by their names."""

    def __init__(self, cpu: str | None = None, features: str | None = None, folder: Path | None = None) -> None:
        """Prepare to make code for a CPU and its features, by LLVM's names: None is for what this one is and has."""
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        self._cpu = llvm.get_host_cpu_name() if cpu is None else cpu
        self._features = llvm.get_host_cpu_features().flatten() if features is None else features
        self._folder = folder if folder is not None else cache_folder()
        if self._folder is not None:
            sweep(self._folder)
        self._machine = llvm.Target.from_default_triple().create_target_machine(
            cpu=self._cpu, features=self._features, opt=3, jit=True
        )
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), self._machine)
        self._key = hashlib.sha256(
            "\n".join(
                (_sources(), llvmlite.__version__, str(llvm.llvm_version_info), self._cpu, self._features)
            ).encode()
        ).hexdigest()[:20]
        self._addresses: dict[str, int] = {}
        self._one_at_a_time = threading.Lock()

    def has(self, feature: str) -> bool:
        """Return whether the CPU has a feature, by LLVM's name."""
        return f"+{feature}" in self._features.split(",")

    @property
    def count(self) -> int:
        """Return how many functions are loaded: they stay until the last user of these objects has gone."""
        return len(self._addresses)

    def addresses(self, wanted: Mapping[str, Callable[[], str]]) -> dict[str, int]:
        """Return where functions are, by their names; what is not yet there is made by their modules' builders."""
        with self._one_at_a_time:
            missing = [name for name in wanted if name not in self._addresses]
            for name in missing:
                self._engine.add_object_file(self._object(name, wanted[name]))
            if missing:
                self._engine.finalize_object()
            for name in missing:
                self._addresses[name] = self._engine.get_function_address(name)
            return {name: self._addresses[name] for name in wanted}

    def assembly(self, text: str) -> str:
        """Return the machine code of a module in assembly language, to look at."""
        return str(self._machine.emit_assembly(self._optimised(text)))

    def _object(self, name: str, build: Callable[[], str]) -> llvm.ObjectFileRef:
        if self._folder is None:
            return llvm.ObjectFileRef.from_data(self._machine.emit_object(self._optimised(build())))
        path = self._folder / f"{self._key}-{hashlib.sha256(name.encode()).hexdigest()[:24]}.o"
        with suppress(OSError, RuntimeError):
            data = path.read_bytes()
            if data[:32] == hashlib.sha256(data[32:]).digest():
                return llvm.ObjectFileRef.from_data(data[32:])
        data = self._machine.emit_object(self._optimised(build()))
        _write(path, hashlib.sha256(data).digest() + data)
        return llvm.ObjectFileRef.from_data(data)

    def _optimised(self, text: str) -> llvm.ModuleRef:
        module = llvm.parse_assembly(text)
        # Kernels are written as they shall run, so what whole pipelines look for is not there. Nothing unrolls loops:
        # a turn does 64 lanes already, and code that is small stays in the CPU's cache.
        passes = llvm.create_new_module_pass_manager()
        passes.add_instruction_combine_pass()
        passes.add_simplify_cfg_pass()
        passes.add_new_gvn_pass()
        passes.add_instruction_combine_pass()
        builder = llvm.create_pass_builder(self._machine, llvm.PipelineTuningOptions(speed_level=3))
        passes.run(module, builder)
        return module


def cache_folder() -> Path | None:
    """Return where object files are kept: beside numba's if its folder is set, else here, else in the user's.

    Where none of them can be written there is none: others could write to a temporary one.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for folder in (*([Path(chosen) / "lanes"] if chosen else []), _HERE / "__pycache__", home / "dasein" / "lanes"):
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                return folder
    return None


@cache
def _sources() -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in _SOURCES)).hexdigest()


def sweep(folder: Path, *, most: int = MOST_FILES) -> None:
    """Remove the older half of the object files where there are more than `most`, and what was left half-written."""
    made: list[tuple[float, str]] = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith((".o", _ASIDE)):
                with suppress(OSError):
                    made.append((entry.stat().st_mtime, entry.path))
    objects = sorted(file for file in made if file[1].endswith(".o"))
    old = objects[: len(objects) // 2] if len(objects) > most else []
    stale = time.time() - _STALE_S
    for _, path in [*old, *(file for file in made if file[1].endswith(_ASIDE) and file[0] < stale)]:
        with suppress(OSError):
            Path(path).unlink()


def _write(path: Path, data: bytes) -> None:
    """Write a file as a whole, or not at all: without one the code is made again."""
    with suppress(OSError):
        handle, aside = tempfile.mkstemp(suffix=_ASIDE, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(aside).replace(path)
        except BaseException:  # a time limit's as well
            Path(aside).unlink(missing_ok=True)
            raise
