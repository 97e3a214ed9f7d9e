"""Loads and unloads kernel modules by their system calls, which say why they refuse."""

import ctypes
import os
import platform
from pathlib import Path

PARAMETERS = Path("/sys/module")
DEVICE = Path("/dev/monje_virtual")
ATTRIBUTES = Path("/sys/class/misc/monje_virtual")
BUS = 42
"""Number of the fake adapter."""

_libc = ctypes.CDLL(None, use_errno=True)
_FINIT, _DELETE = {"x86_64": (313, 176), "aarch64": (273, 106)}[platform.machine()]


def load(name: str, **parameters: object) -> None:
    """Load a module; raise OSError as the kernel says."""
    said = " ".join(f"{key}={value}" for key, value in parameters.items())
    file = os.open(Path(os.environ["MONJE_MODULES"]) / f"{name}.ko", os.O_RDONLY)
    try:
        if _libc.syscall(_FINIT, file, said.encode(), 0):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), f"load {name} {said}")
    finally:
        os.close(file)


def unload(name: str) -> None:
    """Unload a module; raise OSError as the kernel says."""
    if _libc.syscall(_DELETE, name.encode(), os.O_NONBLOCK):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), f"unload {name}")


def is_loaded(name: str) -> bool:
    """Return whether a module is loaded."""
    return (PARAMETERS / name).exists()


def fake(**parameters: object) -> None:
    """Change what the fake sensor measures, or how it fails."""
    for key, value in parameters.items():
        (PARAMETERS / "monje_fake_ina219" / "parameters" / key).write_text(str(value))


def attribute(name: str) -> str:
    """Return a sysfs attribute of the device."""
    return (ATTRIBUTES / name).read_text().strip()


def set_attribute(name: str, value: str) -> None:
    """Write a sysfs attribute of the device."""
    (ATTRIBUTES / name).write_text(value)
