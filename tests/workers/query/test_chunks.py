"""Chunks hold whole sentences, overlap, and lose no token."""

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from workers.encoders.minilm import Tokenizer, model_folder
from workers.query.chunks import LONGEST_TOKEN, chunks
from workers.query.sentences import Span, sentences


class Words:
    """A tokenizer: words and marks."""

    def spans(self, text: str) -> list[Span]:
        return [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]


TEXTS = st.lists(
    st.sampled_from(["leak", "The", "key", "mask.", "So?", "x" * 250, "\n\n", "- item", "0.5", "¿", "A."]), max_size=150
)


@given(TEXTS, st.integers(1, 12), st.integers(0, 12))
def test_every_token_is_in_a_chunk_and_no_chunk_is_too_long(parts: list[str], limit: int, overlap: int) -> None:
    text = " ".join(parts)

    found = list(chunks(text, sentences(text), Words(), limit=limit, overlap=overlap))

    for start, end in Words().spans(text):
        if end - start <= LONGEST_TOKEN:
            assert any(chunk.start <= start and end <= chunk.end for chunk in found)
        else:
            assert all(any(chunk.start <= place < chunk.end for chunk in found) for place in range(start, end))
    assert all(0 < chunk.tokens <= limit for chunk in found)
    assert all(before.start < after.start and before.end < after.end for before, after in pairwise(found))


@given(TEXTS, st.integers(4, 12))
def test_a_sentence_that_fits_is_whole_in_a_chunk(parts: list[str], limit: int) -> None:
    text = " ".join(parts)
    spans = sentences(text)

    found = list(chunks(text, spans, Words(), limit=limit, overlap=2))

    for start, end in spans:
        if len(Words().spans(text[start:end])) <= limit and end - start < LONGEST_TOKEN:
            assert any(chunk.start <= start and end <= chunk.end for chunk in found)


def test_a_chunk_begins_with_the_last_sentences_of_the_one_before() -> None:
    text = "One two three. Four five six. Seven eight nine. Ten eleven twelve."

    found = [text[one.start : one.end] for one in chunks(text, sentences(text), Words(), limit=12, overlap=5)]

    assert found == [
        "One two three. Four five six. Seven eight nine.",
        "Seven eight nine. Ten eleven twelve.",
    ]


def test_a_sentence_longer_than_a_chunk_is_divided_with_overlap() -> None:
    text = " ".join(f"w{number}" for number in range(1000))

    found = list(chunks(text, sentences(text), Words()))

    assert [one.tokens for one in found] == [480, 480, 232]
    assert all(after.start < before.end for before, after in pairwise(found))


def test_chunks_by_the_encoders_own_tokens_fit_the_encoder() -> None:
    tokenizer = Tokenizer(model_folder())
    text = "\n\n".join(
        f"Paragraph {n} of the report says that the S-box leaks at 0x{n:08x}. It does." for n in range(120)
    )

    found = list(chunks(text, sentences(text), tokenizer))

    assert len(found) > 3
    assert all(len(tokenizer.ids(text[one.start : one.end])) == one.tokens + 2 <= 512 for one in found)
    assert all(0 < len(tokenizer.spans(text[after.start : before.end])) <= 128 for before, after in pairwise(found))
