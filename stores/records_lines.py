"""Keys of Redis as lines of a backup, and back; `records_redis.py` says what a line is."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from jobs.errors import InvalidInput
from jobs.queue import QUEUES
from stores.copying import Line
from stores.records_keys import DEAD, Fate, fate_of

FINAL = frozenset({"succeeded", "failed", "cancelled"})

Item = TypeVar("Item")

READ: Mapping[str, Callable[[Any, str], Any]] = {
    "hash": lambda pipe, key: pipe.hgetall(key),
    "string": lambda pipe, key: pipe.get(key),
    "list": lambda pipe, key: pipe.lrange(key, 0, -1),
    "set": lambda pipe, key: pipe.smembers(key),
    "zset": lambda pipe, key: pipe.zrange(key, 0, -1, withscores=True),
    "stream": lambda pipe, key: pipe.xrange(key),
}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_fields(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(map(_is_text, value.values()))


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


def _are_pairs(value: Any, second: Callable[[Any], bool]) -> bool:
    pairs = isinstance(value, list) and bool(value) and all(isinstance(one, list) and len(one) == 2 for one in value)
    return pairs and all(_is_text(one) and second(other) for one, other in value)


WRITABLE: Mapping[str, Callable[[Any], bool]] = {
    "hash": _is_fields,
    "string": _is_text,
    "list": _is_texts,
    "set": _is_texts,
    "zset": lambda value: _are_pairs(value, lambda score: isinstance(score, int | float)),
    "stream": lambda value: _are_pairs(value, _is_fields),
}
NEEDED = {
    "job": ("seq", "state", "tenant", "kind", "tags", "attempts", "version"),
    "batch": ("tenant", "submitted"),
    "identity:key": ("tenant", "created_at"),
}
"""Fields without which the rest cannot be made again from a record."""


def check(line: Line) -> None:
    """Raise InvalidInput for a line that no copy of ours has: any other key of the server is not ours to write."""
    key, kind, value = line["key"], line["type"], line["value"]
    if fate_of(key, QUEUES) not in {Fate.KEPT, Fate.WITH}:
        raise InvalidInput(f"{key[:100]!r} is no key of records", field="key")
    if kind not in WRITABLE or not WRITABLE[kind](value) or not isinstance(line.get("until", 0), int):
        raise InvalidInput(f"{key[:100]!r} holds no {kind} that can be written", field="value")
    family, *rest = key.split(":")
    of = family if len(rest) == 1 else f"{family}:{rest[0]}"
    lacking = [name for name in NEEDED.get(of, ()) if kind != "hash" or name not in value]
    if lacking:
        raise InvalidInput(f"{key[:100]!r} lacks {', '.join(lacking)}", field="value")
    if of == "job":
        int(value["seq"])


def is_long(key: str, kind: str) -> bool:
    """Say whether a key takes more than one line."""
    return kind == "stream" and key.startswith("audit:")


def line_of(key: str, kind: str, value: Any, until_ms: int) -> dict[str, Any]:
    """Return a line."""
    plain = sorted(value) if kind == "set" else value
    return {"key": key, "type": kind, "value": plain} | ({"until": until_ms} if until_ms > 0 else {})


def is_before(lines: Sequence[Mapping[str, Any]], *, last: int, began: float) -> bool:
    """Say whether something belongs to the cut: no job and no batch that was submitted since."""
    if not lines:
        return False
    family, *rest = lines[0]["key"].split(":")
    value = lines[0]["value"]
    if family == "job" and len(rest) == 1:
        return "seq" in value and int(value["seq"]) <= last
    return not (family == "batch" and len(rest) == 1) or float(value["submitted"]) <= began


def ended_job(line: Line) -> str | None:
    """Return the id of a job that has ended and is no part, if the line is one's record."""
    family, *rest = line["key"].split(":")
    if family != "job" or len(rest) != 1 or line["value"]["state"] not in FINAL or "parent" in line["value"]:
        return None
    return str(rest[0])


def write(pipe: Any, line: Line) -> None:
    """Write what a line says, whatever was there."""
    key, kind, value = line["key"], line["type"], line["value"]
    if not line.get("more"):
        pipe.delete(key)
    if kind == "hash":
        pipe.hset(key, mapping=value)
        _index(pipe, key, value)
    elif kind == "string":
        pipe.set(key, value)
    elif kind == "list":
        pipe.rpush(key, *value)
    elif kind == "set":
        pipe.sadd(key, *value)
    elif kind == "zset":
        pipe.zadd(key, dict(value))
        if key.startswith(f"{DEAD}:"):
            pipe.sadd(DEAD, *dict(value))
    else:
        for entry_id, fields in value:
            pipe.xadd(key, fields, id=entry_id)
    if "until" in line:
        pipe.pexpireat(key, line["until"])


def _index(pipe: Any, key: str, fields: Mapping[str, str]) -> None:
    """List keys and tenants; `identity_redis.py` says where."""
    if key.startswith("identity:key:"):
        prefix = key.removeprefix("identity:key:")
        for name in ("identity:keys", f"identity:keys:{fields['tenant']}"):
            pipe.zadd(name, {prefix: float(fields["created_at"])})
    elif key.startswith("identity:tenant:"):
        pipe.sadd("identity:tenants", key.removeprefix("identity:tenant:"))


def batched(items: Iterable[Item], size: int) -> Iterator[tuple[Item, ...]]:
    """Yield items, at most `size` at once."""
    rest = iter(items)
    while some := tuple(islice(rest, size)):
        yield some
