"""Documents: what a text, a Markdown or HTML page or a PDF brings into the graph.

Offsets are characters of the text that is kept whole in the documents (shelf `documents`, zlib-compressed UTF-8).
"""

import re
import zlib
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jobs.ingestion import Format
from jobs.knowledge import Label, Link
from stores.documents import Record, Shelf
from stores.graph import Node, Relation
from stores.vectors import Passage
from workers.query.chunks import Chunk, Tokenizer, chunks
from workers.query.content import Content, Found
from workers.query.entities import Extraction, extract
from workers.query.formats import MEDIA_TYPES, detect
from workers.query.language import ENGLISH, SPANISH, Language, language_of
from workers.query.name_rules import FIGURE
from workers.query.named import passage_id
from workers.query.read_text import read_text
from workers.query.reader import Reading, Span, refused
from workers.query.reader_process import read_apart
from workers.query.sentences import sentences
from workers.query.storable import plain, storable

__all__ = ["detect", "read_document"]

MAX_SECTIONS = 1000
"""Whose places are kept."""
MAX_FIGURES = 50
"""Numbers with units that a chunk's record lists; they are attributes of it, not entities."""
JUDGED = 200
"""Sentences that the language is judged by."""
FEW_WORDS = 40
KNOWN_SHARE = 0.12
"""Of words that are function words of English or Spanish; where they are fewer, it is another language."""


def read_document(
    data: bytes,
    *,
    format: Format,  # noqa: A002 - the vocabulary's word
    name: str,
    title: str,
    tags: tuple[str, ...],
    tokenizer: Tokenizer,
    known: Callable[[str], str | None],
    created_at: float,
    source: Mapping[str, Any],
) -> Content:
    """Read a document; `known` finds the id of a thing that is in the graph already. Raises InvalidInput, with a reason."""
    if format in {Format.CSV, Format.PARQUET}:
        raise refused("not-a-document", f"A {format.value} file is a table of measurements, not a document.")
    reading = read_text(data) if format is Format.TEXT else read_apart(data, format)
    spans = sentences(reading.text, verbatim=reading.verbatim)
    parts = list(chunks(reading.text, spans, tokenizer))
    found = extract(reading.text, spans, verbatim=reading.verbatim, known=known)
    language, doubts = _language(reading.text, spans)
    warnings = [*reading.warnings, *doubts, *found.warnings]
    if not parts:
        warnings.append("The document has no text; nothing was read from it.")
    batch = f"document:{name}"
    document: dict[str, Any] = {
        "name": name,
        "title": plain(title or reading.title or name),
        "media_type": MEDIA_TYPES[format],
        "language": language,
        "created_at": created_at,
        "tags": f",{','.join(tags)}," if tags else "",
    }
    about = {
        **document,
        "tags": list(tags),
        "characters": len(reading.text),
        "chunks": len(parts),
        "sections": [[start, list(path)] for start, path in reading.sections[:MAX_SECTIONS]],
        "warnings": warnings,
    }
    whole = zlib.compress(reading.text.encode("utf-8", "replace"))
    ids = [f"chunk:{name}:{place}" for place in range(len(parts))]
    content = Content(
        batch=batch,
        kind="document",
        title=document["title"],
        created_at=created_at,
        source=source,
        nodes=[Node(Label.DOCUMENT, batch, document), *_chunk_nodes(ids, parts, reading, name), *_entity_nodes(found)],
        relations=[*_relations(batch, ids, parts, found)],
        found=[*_chunk_passages(ids, parts, reading), *_entity_passages(found)],
        records={
            Shelf.DOCUMENTS: [Record(batch, about, batch, at=created_at, blob=whole)],
            Shelf.CHUNKS: [
                Record(key, _placed(part, reading), batch, batch, place)
                for place, (key, part) in enumerate(zip(ids, parts, strict=True))
            ],
        },
        warnings=warnings,
    )
    return storable(content)


def _chunk_nodes(ids: Sequence[str], parts: Sequence[Chunk], reading: Reading, name: str) -> list[Node]:
    return [
        Node(Label.CHUNK, key, {"document": name, "position": place, "text": reading.text[part.start : part.end]})
        for place, (key, part) in enumerate(zip(ids, parts, strict=True))
    ]


def _entity_nodes(found: Extraction) -> list[Node]:
    return [
        Node(Label.ENTITY, entity.id, {"name": entity.name, "type": entity.type, "description": entity.description})
        for entity in found.entities.values()
    ]


def _relations(batch: str, ids: Sequence[str], parts: Sequence[Chunk], found: Extraction) -> list[Relation]:
    relations = [Relation(Link.PART_OF, key, batch) for key in ids]
    for key, part in zip(ids, parts, strict=True):
        relations.extend(Relation(Link.MENTIONS, key, thing) for thing in found.within((part.start, part.end)))
    relations.extend(
        Relation(Link.RELATED_TO, pair.source, pair.target, {"description": pair.description, "weight": pair.weight})
        for pair in found.related
    )
    return relations


def _chunk_passages(ids: Sequence[str], parts: Sequence[Chunk], reading: Reading) -> list[Found]:
    return [
        Found(Passage(key, "chunk", reading.text[part.start : part.end]), (key,))
        for key, part in zip(ids, parts, strict=True)
    ]


def _entity_passages(found: Extraction) -> list[Found]:
    passages = [(entity.id, f"{entity.name}: {entity.description}") for entity in found.entities.values()]
    return [Found(Passage(passage_id("entity", text), "entity", text), (key,)) for key, text in passages]


def _placed(part: Chunk, reading: Reading) -> dict[str, Any]:
    at = bisect_right(reading.sections, part.start, key=lambda section: section[0]) - 1
    section = list(reading.sections[at][1]) if at >= 0 else []
    text = reading.text[part.start : part.end]
    figures = list(dict.fromkeys(" ".join(match[0].split()) for match in FIGURE.finditer(text)))[:MAX_FIGURES]
    where = {"start": part.start, "end": part.end, "tokens": part.tokens, "section": section}
    return {**where, "figures": figures, "text": text}


def _language(text: str, spans: Sequence[Span]) -> tuple[Language, tuple[str, ...]]:
    """Return what most of a document is written in, judged by sentences from all of it, and a doubt if there is one."""
    judged = [text[start:end][:500] for start, end in spans[:: max(1, len(spans) // JUDGED)]]
    spoken: list[str] = []
    votes = {"en": 0, "es": 0}
    for sentence in judged:
        # Spanish function words are kept here with their accents taken off, which none but them has in this list.
        spoken.extend(re.findall(r"[^\W\d_]+", sentence.lower()))
        votes[language_of(sentence)] += len(sentence)
    common = sum(word in ENGLISH or word in SPANISH for word in spoken)
    if len(spoken) >= FEW_WORDS and common < KNOWN_SHARE * len(spoken):
        return "en", ("The text is neither English nor Spanish as far as can be told; it is taken as English.",)
    return ("es" if votes["es"] > votes["en"] else "en"), ()
