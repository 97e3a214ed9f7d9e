"""What a campaign says of all its instructions, as one record: what a comparison reads instead of a record each.

<campaign>|sides   shelf ANALYSIS_RESULTS: columns as JSON, compressed, in the order of the instructions' ids:
                   id, function, place (file:line), text (mnemonic and operands), t, rho, power, rank
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobs.knowledge import Label
from stores.documents import Record
from stores.graph import Node, Value

LARGEST = 256 * 1024 * 1024
"""Of the columns, unpacked."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Columns of equal length."""

    id: Sequence[str]
    function: Sequence[str]
    place: Sequence[str]
    text: Sequence[str]
    t: Sequence[float | None]
    rho: Sequence[float | None]
    power: Sequence[float | None]
    rank: Sequence[int]
    """Severity of the worst finding; 0 without one."""


def sides_id(campaign: str) -> str:
    """Return where the columns of a campaign are kept."""
    return f"{campaign}|sides"


def sides_record(campaign: str, nodes: Sequence[Node]) -> Record:
    """Return the columns of a campaign's instructions and findings, to be kept."""
    ranks: dict[str, int] = {}
    for node in nodes:
        if node.label == Label.VULNERABILITY:
            thing, rank = str(node.properties.get("instruction", "")), int(node.properties.get("severity_rank") or 0)
            ranks[thing] = max(rank, ranks.get(thing, 0))
    chosen = sorted((node for node in nodes if node.label == Label.INSTRUCTION), key=lambda node: node.id)
    told = [node.properties for node in chosen]
    columns = {
        "id": [node.id for node in chosen],
        "function": [str(one.get("function") or "") for one in told],
        "place": [place_of(one) for one in told],
        "text": [text_of(one) for one in told],
        "t": [one.get("max_abs_t") for one in told],
        "rho": [one.get("max_abs_rho") for one in told],
        "power": [one.get("avg_power") for one in told],
        "rank": [ranks.get(node.id, 0) for node in chosen],
    }
    blob = zlib.compress(json.dumps(columns, separators=(",", ":")).encode(), 1)
    return Record(sides_id(campaign), {"instructions": len(chosen)}, campaign, blob=blob)


def sides_of(record: Record) -> Sides:
    """Return the columns that a record keeps."""
    return Sides(**json.loads(zlib.decompressobj().decompress(record.blob, LARGEST)))


def place_of(told: Mapping[str, Value]) -> str:
    """Return file:line of an instruction's properties; empty where either is not known."""
    file, line = told.get("file"), told.get("line")
    return f"{file}:{line}" if file and line is not None else ""


def text_of(told: Mapping[str, Value]) -> str:
    """Return mnemonic and operands of an instruction's properties."""
    return f"{told.get('mnemonic') or ''} {told.get('operands') or ''}".strip()
