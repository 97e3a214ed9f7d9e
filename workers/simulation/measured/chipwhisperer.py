"""ChipWhisperer projects: the .cwp and its data folder, as a ZIP archive.

<name>.cwp                                   lists segments: `tracefile0 = <name>_data/traces/config_<prefix>.cfg`,
                                             `enabled0 = True`
<name>_data/traces/<prefix>traces.npy        [traces, samples] of a segment
                   <prefix>textin.npy        plaintexts, textout.npy ciphertexts, keylist.npy keys, one row a trace
                   <prefix>knownkey.npy      the key of all
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import IO

from workers.simulation.measured.archive import member, opened_archive
from workers.simulation.measured.names import found
from workers.simulation.measured.npy_stream import Array, open_array
from workers.simulation.measured.numpy_files import together, width_of
from workers.simulation.measured.source import SAMPLES, Block, Opened, Refusal, Wanted, check_shape

END = "traces.npy"
PARTS = ("textin", "textout", "keylist", "knownkey")
MAX_PROJECT_BYTES = 2**20
LISTED = re.compile(r"^\s*(tracefile|enabled)(\d+)\s*=\s*(.*?)\s*$", re.MULTILINE)


def is_project(names: list[str]) -> bool:
    """Say whether an archive with these entries is a project."""
    return any(name.endswith(".cwp") for name in names) or any(name.endswith(f"_{END}") for name in names)


def read_project(stream: IO[bytes], wanted: Wanted) -> Opened:
    """Open the enabled segments of a project one after the other; they must have traces of one length."""
    archive = opened_archive(stream)
    opened = {prefix: open_array(f"{prefix}{END}", member(archive, f"{prefix}{END}")) for prefix in _segments(archive)}
    # Of a capture that was broken off before its first trace there is an empty segment.
    prefixes = [prefix for prefix, array in opened.items() if 0 not in array.shape]
    if not prefixes:
        raise Refusal("empty", "No enabled segment of the project has a trace.")
    heads = [_head(opened[prefix]) for prefix in prefixes]
    samples = {head.shape[1] for head in heads}
    if len(samples) != 1:
        raise Refusal("ragged", f"The segments have traces of {sorted(samples)} samples; they must be of one length.")
    traces = sum(head.shape[0] for head in heads)
    check_shape(traces, heads[0].shape[1], wanted.limits)
    notes: list[str] = []
    values = [_values(archive, prefix, wanted, notes) for prefix in prefixes]
    widths = [
        {ours: width_of(array, head.shape[0]) for ours, array in each.items()}
        for each, head in zip(values, heads, strict=True)
    ]
    for prefix, width in zip(prefixes, widths, strict=True):
        if width != widths[0]:
            told = f"{prefixes[0]}* have {_told(widths[0])}, {prefix}* have {_told(width)}"
            raise Refusal("ragged", f"The segments do not hold the same values: {told}.", field="values")

    def blocks() -> Iterator[Block]:
        for head, each in zip(heads, values, strict=True):
            yield from together(head, each, widths[0])

    return Opened("chipwhisperer", traces, heads[0].shape[1], widths[0], blocks(), tuple(dict.fromkeys(notes)))


def _told(widths: Mapping[str, int]) -> str:
    return ", ".join(f"{name} of {width} bytes" for name, width in sorted(widths.items())) or "none"


def _segments(archive: zipfile.ZipFile) -> list[str]:
    """Return the paths of the enabled segments up to `traces.npy`, in the order of the project, else by name."""
    there = sorted(name.removesuffix(END) for name in archive.namelist() if name.endswith(END))
    if not there:
        raise Refusal("no-traces", "The archive has no <prefix>traces.npy: give the .cwp with its data folder.")
    project = next((name for name in archive.namelist() if name.endswith(".cwp")), None)
    if project is None:
        return there
    text = member(archive, project).read(MAX_PROJECT_BYTES).decode("utf-8", "replace")
    listed: dict[str, dict[str, str]] = {}
    for kind, number, value in LISTED.findall(text):
        listed.setdefault(number, {})[kind] = value.strip("\"'")
    if not listed:
        return there
    chosen = []
    for number in sorted(listed, key=int):
        if listed[number].get("enabled", "True").casefold() in {"false", "0"}:
            continue
        config = PurePosixPath(listed[number].get("tracefile", "").replace("\\", "/")).name
        prefix = config.removeprefix("config_").removesuffix(".cfg")
        path = next((one for one in there if PurePosixPath(f"{one}{END}").name == f"{prefix}{END}"), None)
        if path is None:
            raise Refusal("no-traces", f"The project names {config[:100]!r}, whose traces are not in the archive.")
        chosen.append(path)
    if not chosen:
        raise Refusal("no-traces", "No segment of the project is enabled.")
    return chosen


def _head(array: Array) -> Array:
    if len(array.shape) != 2:
        raise Refusal("not-traces", f"{array.name} has the shape {list(array.shape)}; traces are [traces, samples].")
    return array


def _values(archive: zipfile.ZipFile, prefix: str, wanted: Wanted, notes: list[str]) -> dict[str, Array]:
    there = {part: f"{prefix}{part}.npy" for part in PARTS if f"{prefix}{part}.npy" in archive.namelist()}
    chosen = found([*there, "traces"], wanted.names, wanted.also)
    opened = {}
    for ours, theirs in chosen.items():
        if ours == SAMPLES:
            continue
        array = _opened(archive, there[theirs], notes)
        if ours == "key" and array is None and theirs == "keylist" and "knownkey" in there:
            array = _opened(archive, there["knownkey"], notes)
        if array is not None:
            opened[ours] = array
    return opened


def _opened(archive: zipfile.ZipFile, name: str, notes: list[str]) -> Array | None:
    """Open a value; None for one that the capture did not have, which ChipWhisperer stores as a pickled None."""
    try:
        array = open_array(name, member(archive, name))
    except Refusal as error:
        if error.reason != "pickled":
            raise
        notes.append(f"not read: {PurePosixPath(name).name}, which holds Python objects")
        return None
    return array if array.shape and 0 not in array.shape else None
