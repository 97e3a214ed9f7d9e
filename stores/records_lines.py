"""Keys of Redis as lines of a backup, and back; `records_redis.py` says what a line is."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from stores.copying import Line
from stores.records_keys import DEAD

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
