"""Items, results and cards as parts of messages.

item    {"text": "..."} | {"pixels": [height, width, 3]}, uint8 | {"samples": n}, little-endian float32
result  {"vector": dimensions or null, "scores": [[name, score]], "text": ... or null} | {"refused": [reason, message]}

The bytes of arrays follow each other in the order of their parts.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from jobs.rem import Model
from workers.remforge.decoding import View
from workers.remforge.inference import Card, Item, Output, Refused, Role
from workers.remforge.models.frames import BadFrame

MOST_ITEMS = 4096
"""Of one message."""
Parts = list[bytes]


class _Reader:
    """Takes arrays from the bytes of a message, one after the other."""

    def __init__(self, payload: memoryview) -> None:
        self._payload = payload
        self._at = 0

    def take(self, dtype: str, shape: Sequence[object]) -> Any:
        """Return the next array; raise BadFrame where the bytes do not hold one of that shape."""
        sizes = [size for size in shape if type(size) is int and 0 <= size <= len(self._payload)]
        if len(sizes) < len(shape):
            raise BadFrame("a shape is not made of sizes")
        count = 1
        for size in sizes:
            count *= size
        end = self._at + count * np.dtype(dtype).itemsize
        if end > len(self._payload):
            raise BadFrame("the bytes are fewer than the shapes say")
        array = np.frombuffer(self._payload[self._at : end], dtype).reshape(sizes)
        self._at = end
        return array

    def finish(self) -> None:
        """Refuse bytes that belong to no array."""
        if self._at != len(self._payload):
            raise BadFrame("the bytes are more than the shapes say")


def pack_items(items: Sequence[Item]) -> tuple[list[dict[str, Any]], Parts]:
    """Return what describes items, and their bytes."""
    described: list[dict[str, Any]] = []
    parts: Parts = []
    for item in items:
        if isinstance(item, str):
            described.append({"text": item})
        elif item.dtype == np.uint8:
            described.append({"pixels": list(item.shape)})
            parts.append(item.tobytes())
        else:
            described.append({"samples": len(item)})
            parts.append(item.astype("<f4").tobytes())
    return described, parts


def item_bytes(item: Item) -> int:
    """Return how much of a message an item takes at most, but for names: JSON escapes a character in up to 12 bytes."""
    return len(item) * 12 if isinstance(item, str) else item.nbytes


def unpack_items(described: object, payload: memoryview) -> list[Item]:
    """Return the items of a message, which share its memory; raise BadFrame."""
    if not isinstance(described, list) or len(described) > MOST_ITEMS:
        raise BadFrame(f"items are a list of at most {MOST_ITEMS}")
    reader = _Reader(payload)
    items = [_item(one, reader) for one in described]
    reader.finish()
    return items


def _item(described: object, reader: _Reader) -> Item:
    match described:
        case {"text": str(text)}:
            return text
        case {"pixels": [height, width, 3]}:
            pixels: Item = reader.take("u1", [height, width, 3])
            return pixels
        case {"samples": count}:
            samples: Item = reader.take("<f4", [count])
            return samples
    raise BadFrame("an item is a text, pixels or samples")


def pack_results(results: Sequence[Output | Refused]) -> tuple[list[dict[str, Any]], Parts]:
    """Return what describes results, and the bytes of their vectors."""
    described: list[dict[str, Any]] = []
    parts: Parts = []
    for result in results:
        if isinstance(result, Refused):
            described.append({"refused": [result.reason, result.message]})
            continue
        dimensions = None if result.vector is None else len(result.vector)
        described.append(
            {"vector": dimensions, "scores": [list(score) for score in result.scores], "text": result.text}
        )
        if result.vector is not None:
            parts.append(result.vector.astype("<f4").tobytes())
    return described, parts


def unpack_results(described: object, payload: memoryview) -> list[Output | Refused]:
    """Return the results of a message; raise BadFrame."""
    if not isinstance(described, list):
        raise BadFrame("results are a list")
    reader = _Reader(payload)
    results = [_result(one, reader) for one in described]
    reader.finish()
    return results


def _result(described: object, reader: _Reader) -> Output | Refused:
    match described:
        case {"refused": [str(reason), str(message)]}:
            return Refused(reason, message)
        case {"vector": dimensions, "scores": list(scores), "text": str() | None as text}:
            vector = None if dimensions is None else reader.take("<f4", [dimensions]).astype(np.float32)
            return Output(vector, tuple(_score(score) for score in scores), text)
    raise BadFrame("a result is an output or a refusal")


def _score(described: object) -> tuple[str, float]:
    match described:
        case [str(name), float() | int() as score]:
            return name, float(score)
    raise BadFrame("a score is a name and a number")


def pack_card(card: Card) -> dict[str, Any]:
    """Return a card as JSON."""
    return {
        "role": card.role,
        "model": card.model.model_dump(mode="json"),
        "dimensions": card.dimensions,
        "view": None if card.view is None else [card.view.short, card.view.crop],
        "test_only": card.test_only,
        "scale": card.scale,
        "bias": card.bias,
    }


def unpack_card(described: Any) -> Card:
    """Return the card of a message; raise BadFrame."""
    try:
        view = None if described["view"] is None else View(*described["view"])
        model = Model.model_validate(described["model"])
        return Card(
            Role(described["role"]),
            model,
            dimensions=described["dimensions"],
            view=view,
            test_only=described["test_only"],
            scale=described["scale"],
            bias=described["bias"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadFrame("this is no card") from error
