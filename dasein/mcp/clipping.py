"""Answers of a size that a model can read: long texts and lists are cut, and it is said that they were."""

import json
from typing import Any

LONGEST_TEXT = 2000
MOST_ITEMS = 100
LEAST_ITEMS = 5
DEEPEST = 12
LARGEST = 48 * 1024
"""Characters of an answer as JSON."""


def clipped(value: Any, *, largest: int = LARGEST) -> tuple[Any, bool]:
    """Return a JSON value, cut until it is at most about `largest` characters, and whether anything was cut."""
    items, text = MOST_ITEMS, LONGEST_TEXT
    while True:
        small = _cut(value, items, text, DEEPEST)
        if len(json.dumps(small)) <= largest or items <= LEAST_ITEMS:
            return small, small != value
        items, text = max(items // 2, LEAST_ITEMS), max(text // 2, 100)


def _cut(value: Any, items: int, text: int, depth: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= text else value[:text] + "..."
    if isinstance(value, dict):
        return {} if depth == 0 else {str(key): _cut(part, items, text, depth - 1) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [] if depth == 0 else [_cut(part, items, text, depth - 1) for part in value[:items]]
    return value
