"""Chunks: overlapping parts of a text that the sentence encoder takes whole, made of whole sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from workers.query.sentences import Span

CHUNK_TOKENS = 510
"""512 with the two marks that the encoder puts around a text."""
OVERLAP_TOKENS = 128
PIECE_TOKENS = 96
"""A sentence that is longer than a chunk is divided into pieces of these, so that they can overlap too."""
LONGEST_TOKEN = 100
"""Characters; the tokenizer makes one token of any longer word, which would make a chunk of any size."""


class Tokenizer(Protocol):
    """Cuts texts as the encoder does. White space ends a token."""

    def spans(self, text: str) -> list[Span]:
        """Return where each token of a text begins and ends, in characters."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a text."""

    start: int
    end: int
    tokens: int


def chunks(
    text: str,
    sentences: Sequence[Span],
    tokenizer: Tokenizer,
    *,
    limit: int = CHUNK_TOKENS,
    overlap: int = OVERLAP_TOKENS,
) -> Iterator[Chunk]:
    """Yield chunks of at most `limit` tokens, in order; each sentence is whole in one, unless it alone is longer.

    A chunk begins with those sentences that ended the one before, as far as they have at most `overlap` tokens together
    and leave room for what comes next.
    """
    held: list[Chunk] = []
    total = 0
    for piece in _pieces(text, sentences, tokenizer, limit):
        if total + piece.tokens > limit and held:
            yield Chunk(held[0].start, held[-1].end, total)
            held, total = _kept(held, min(overlap, limit - piece.tokens))
        held.append(piece)
        total += piece.tokens
    if held:
        yield Chunk(held[0].start, held[-1].end, total)


def _kept(held: Sequence[Chunk], room: int) -> tuple[list[Chunk], int]:
    """Return the last of `held` that fit into a room, and their tokens; never all, so that each chunk brings something."""
    total = 0
    first = len(held)
    while first > 1 and total + held[first - 1].tokens <= room:
        first -= 1
        total += held[first].tokens
    return list(held[first:]), total


def _pieces(text: str, sentences: Sequence[Span], tokenizer: Tokenizer, limit: int) -> Iterator[Chunk]:
    for start, end in sentences:
        tokens = _tokens(text[start:end], tokenizer)
        if len(tokens) <= limit:
            yield Chunk(start, end, len(tokens))
            continue
        size = min(PIECE_TOKENS, limit)
        # A piece ends where the next begins: nothing between tokens is lost.
        begins = [start, *(start + tokens[place][0] for place in range(size, len(tokens), size)), end]
        counts = [min(size, len(tokens) - place) for place in range(0, len(tokens), size)]
        for (first, last), count in zip(pairwise(begins), counts, strict=True):
            yield Chunk(first, last, count)


def _tokens(text: str, tokenizer: Tokenizer) -> list[Span]:
    return [
        (first, min(first + LONGEST_TOKEN, end))
        for start, end in tokenizer.spans(text)
        for first in range(start, max(end, start + 1), LONGEST_TOKEN)
    ]
