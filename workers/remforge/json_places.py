"""On which line of a JSON text a value stands, so that a problem can be found with an editor."""

import json
from collections.abc import Iterator, Sequence

Step = str | int
_DECODER = json.JSONDecoder()
_SPACE = " \t\n\r"


def line_of(text: str, path: Sequence[Step], *, at: int = 0) -> int:
    """Return the line, from 1, of the value at a path of keys and indices from the value at place `at` of valid JSON.

    A path that leads to nothing gives the line of the last value on its way.
    """
    at = skipped(text, at)
    for step in path:
        found = next((place for name, place in members(text, at) if name == step), None)
        if found is None:
            break
        at = found
    return text.count("\n", 0, at) + 1


def members(text: str, at: int) -> Iterator[tuple[Step, int]]:
    """Yield (key or index, place of the value) of the object or array at place `at`; nothing of other values."""
    kind = text[at]
    if kind not in "{[":
        return
    index = 0
    at = skipped(text, at + 1)
    while text[at] not in "}]":
        name: Step = index
        if kind == "{":
            name, at = _DECODER.raw_decode(text, at)
            at = skipped(text, skipped(text, at) + 1)
        yield name, at
        _, at = _DECODER.raw_decode(text, at)
        at = skipped(text, at)
        if text[at] == ",":
            at = skipped(text, at + 1)
        index += 1


def skipped(text: str, at: int) -> int:
    """Return the place of the next character that is no space."""
    while text[at] in _SPACE:
        at += 1
    return at
