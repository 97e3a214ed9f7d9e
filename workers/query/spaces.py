"""Which space of vectors a passage is found in."""

from jobs.knowledge import Space

TEXTUAL = (Space.CHUNKS, Space.INSTRUCTIONS)
"""Spaces whose vectors are made from texts, by the encoder."""
BROUGHT = frozenset({"chunk", "rem"})
"""Kinds of passages that hold somebody's own words, from documents and from records of files."""


def space_of(kind: str) -> Space:
    """Return the space of a kind of passages."""
    return Space.CHUNKS if kind in BROUGHT else Space.INSTRUCTIONS
