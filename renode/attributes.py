"""The build attributes of an Arm ELF: which architecture its code was compiled for.

Format and tags: Addenda to, and Errata in, the ABI for the Arm Architecture (ABI-addenda 2021Q3), section 3.
"""

from dataclasses import dataclass

from jobs.target import Core
from renode.elf32 import refuse

_CPU_ARCH, _CPU_PROFILE, _COMPATIBILITY = 6, 7, 32
_TEXT_TAGS = frozenset({4, 5, 65, 67})
_FILE_SCOPE = 1

_V6T2, _V7, _V6_M, _V6S_M, _V7E_M = 8, 10, 11, 12, 13
_NAMES = {
    _V7: "Armv7",
    _V6_M: "Armv6-M",
    _V6S_M: "Armv6S-M",
    _V7E_M: "Armv7E-M",
    14: "Armv8-A",
    15: "Armv8-R",
    16: "Armv8-M baseline",
    17: "Armv8-M mainline",
    21: "Armv8.1-M mainline",
    22: "Armv9-A",
}
_THUMB_1 = frozenset(range(10)) - {_V6T2}
"""Architectures whose Thumb code every Cortex-M runs; what is not Thumb is refused where it is executed."""
_RUNS = {
    Core.M0: _THUMB_1 | {_V6_M, _V6S_M},
    Core.M3: _THUMB_1 | {_V6_M, _V6S_M, _V6T2, _V7},
    Core.M4: _THUMB_1 | {_V6_M, _V6S_M, _V6T2, _V7, _V7E_M},
}
_PROFILES = {0: "", ord("A"): "A", ord("R"): "R", ord("M"): "M", ord("S"): "S"}


@dataclass(frozen=True, slots=True)
class Attributes:
    """Tag_CPU_arch and Tag_CPU_arch_profile; None where the file does not say."""

    architecture: int | None = None
    profile: int | None = None


def read_attributes(section: bytes) -> Attributes:
    """Read the `aeabi` attributes of a whole file; raise InvalidFirmware for a section that is cut or crooked."""
    if not section:
        return Attributes()
    if section[:1] != b"A":
        refuse("bad-attributes", "the build attributes have an unknown format")
    found: dict[int, int] = {}
    at = 1
    while at < len(section):
        length = _word(section, at)
        if length < 5 or at + length > len(section):
            refuse("bad-attributes", "the build attributes are cut")
        part = section[at + 4 : at + length]
        vendor, _, rest = part.partition(b"\0")
        if vendor == b"aeabi":
            _vendor(rest, found)
        at += length
    return Attributes(found.get(_CPU_ARCH), found.get(_CPU_PROFILE))


def check_core(attributes: Attributes, core: Core) -> None:
    """Refuse code that was compiled for more than `core` is."""
    profile = _PROFILES.get(attributes.profile or 0)
    if profile not in {"", "M", "S"}:
        refuse("wrong-core", f"the ELF is for the {profile or 'unknown'} profile of the architecture, not for M")
    architecture = attributes.architecture
    if architecture is not None and architecture not in _RUNS[core]:
        name = architecture_of(attributes)
        refuse("wrong-core", f"the ELF is for {name}, which {core.value} does not run")


def architecture_of(attributes: Attributes) -> str | None:
    """Return the name of the architecture that the code was compiled for; None where the file does not say."""
    architecture = attributes.architecture
    return None if architecture is None else _NAMES.get(architecture, f"architecture {architecture}")


def _vendor(data: bytes, found: dict[int, int]) -> None:
    at = 0
    while at < len(data):
        scope, start = _uleb(data, at)
        length = _word(data, start)
        if length < start + 4 - at or at + length > len(data):
            refuse("bad-attributes", "the build attributes are cut")
        if scope == _FILE_SCOPE:
            _file(data[start + 4 : at + length], found)
        at += length


def _file(data: bytes, found: dict[int, int]) -> None:
    at = 0
    while at < len(data):
        tag, at = _uleb(data, at)
        if tag == _COMPATIBILITY:
            _, at = _uleb(data, at)
        if tag in _TEXT_TAGS or tag == _COMPATIBILITY or (tag > _COMPATIBILITY and tag % 2):
            end = data.find(b"\0", at)
            if end < 0:
                refuse("bad-attributes", "the build attributes are cut")
            at = end + 1
        else:
            found[tag], at = _uleb(data, at)


def _word(data: bytes, at: int) -> int:
    if at + 4 > len(data):
        refuse("bad-attributes", "the build attributes are cut")
    return int.from_bytes(data[at : at + 4], "little")


def _uleb(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index, byte in enumerate(data[at : at + 5]):
        value |= (byte & 0x7F) << 7 * index
        if not byte & 0x80:
            return value, at + index + 1
    return refuse("bad-attributes", "the build attributes are cut")
