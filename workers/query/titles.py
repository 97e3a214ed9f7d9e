"""How things are named and shown to a person, in one line."""

from collections.abc import Sequence

from jobs.knowledge import PROPERTIES, Label
from stores.graph import Node
from workers.query.figures import Interval, of_correlation, of_mean, shown
from workers.query.outcome import Reach
from workers.query.phrase_book import Phrases

ITEMS = 5
"""Things that a sentence names."""
LINE = 200
"""Characters of a title."""
BEGINNING = 80
"""Characters of a passage that name it."""
WITHIN = "within"
"""No property that is stored: what tells things of one name apart, where a sentence has to."""
T_REACH = 1.96
"""A t-statistic has a standard error of one."""


def title(node: Node) -> str:
    """Name a thing."""
    told = node.properties
    if node.label == Label.INSTRUCTION:
        text = f"{told.get('mnemonic') or ''} {told.get('operands') or ''}".strip() or node.id
        address = told.get("address")
        lies = f"0x{address:08x}" if isinstance(address, int) else None
        where = [str(part) for part in (told.get("function"), told.get("source_line"), lies, told.get(WITHIN)) if part]
        return _line(f"{text} ({', '.join(where)})" if where else text)
    if node.label == Label.PATTERN:
        return f"{told.get('pattern_type')} ({told.get('batch_id')})"
    if node.label == Label.MEASUREMENT:
        return f"{told.get('batch_id') or node.id} / {told.get('instruction') or ''}"
    if node.label == Label.CHUNK:
        document = str(told.get("document") or node.id)
        source = document.partition(":")[2] or document
        text = _line(str(told.get("text") or ""), BEGINNING)
        return f"{source}: {text}" if text else source
    name = told.get("title") or told.get("name")
    if not name:
        return node.id
    return _line(f"{name} ({told[WITHIN]})" if WITHIN in told else str(name))


def _line(text: str, longest: int = LINE) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1].rstrip()}…"


def listing(items: Sequence[str], total: int, words: Phrases) -> str:
    """Name the first things of a list, and say how many more there are."""
    shown_items = "; ".join(items[:ITEMS])
    rest = total - min(len(items), ITEMS)
    return shown_items + (words.say("more", count=rest) if rest > 0 else "")


def reach(node: Node, name: str) -> Reach | None:
    """Return a numeric property with its 95 % interval, where its uncertainty is known."""
    value = node.properties.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    known = PROPERTIES[Label(node.label)].get(name)
    unit = known.unit if known else None
    interval: Interval | None = None
    samples: int | None = None
    if name in ("avg_energy", "energy_mean"):
        samples = _whole(node, "sample_count" if name == "avg_energy" else "samples")
        interval = of_mean(float(value), _real(node, "energy_sd"), samples or 0)
    elif name == "tvla_t":
        samples, interval = _whole(node, "traces"), Interval(value - T_REACH, value + T_REACH)
    elif name == "max_abs_t":
        interval = Interval(max(0.0, value - T_REACH), value + T_REACH)
    elif name == "cpa_value":
        samples = _whole(node, "traces")
        interval = of_correlation(float(value), samples or 0)
    elif name == "avg_temperature":
        samples = _whole(node, "sample_count")
    return Reach(float(value), unit, interval, samples)


def figure(node: Node, name: str, words: Phrases) -> str | None:
    """Write a property for a person; None if it is not there."""
    value = node.properties.get(name)
    if value is None or value == "":
        return None
    if name == "address" and isinstance(value, int):
        return f"0x{value:08x}"
    if name in ("severity", "severity_rank"):
        severity = node.properties.get("severity", value)
        return words.severities.get(str(severity), str(severity))
    found = reach(node, name)
    if found is None:
        return _line(str(value))
    return shown(found.value, found.unit, found.interval)


def _whole(node: Node, name: str) -> int | None:
    value = node.properties.get(name)
    return int(value) if isinstance(value, int | float) else None


def _real(node: Node, name: str) -> float | None:
    value = node.properties.get(name)
    return float(value) if isinstance(value, int | float) else None


def worst_first(nodes: Sequence[Node]) -> list[Node]:
    """Order things by how badly they leak, ties by id."""

    def badness(node: Node) -> tuple[float, float, str]:
        told = node.properties
        rank = float(told.get("severity_rank") or 0)
        value = told.get("max_abs_t") or told.get("tvla_t") or 0
        return -rank, -abs(float(value)) if isinstance(value, int | float) else 0.0, node.id

    return sorted(nodes, key=badness)
