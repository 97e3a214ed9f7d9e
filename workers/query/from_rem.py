"""Records of REMForge: what one brings to the knowledge. Its id names its batch.

A record is a node that DEPICTS what its labels name, MENTIONS what its words and its file's name speak of, and is found by
passages: its text, and what is recorded of the file in words. Entities that share a sentence are not related by it: a diary
of a thousand days would relate everything. The vector that an image model made of it goes into that model's space.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from jobs.knowledge import Label, Link
from jobs.rem import Modality, Rem, content_digest
from stores.documents import Record, Shelf
from stores.graph import Node, Relation, Value
from stores.rem_space import rem_space
from stores.vectors import FloatArray, Passage, Space
from workers.query.content import Content, Found
from workers.query.entities import Entity, Extraction, entity, extract, mentions
from workers.query.lexicon_index import in_lexicon
from workers.query.name_rules import by_rules
from workers.query.rem_texts import depicted, description, duration_of, passages_of, text_of
from workers.query.sentences import sentences
from workers.query.storable import storable
from workers.query.text_words import words

READER = "rem-1"
"""Changes with what is made of a record."""
UNIT = 1e-3
"""How far a vector's length may be from one."""
LONGEST_RUN = 6
"""Parts of a file's name that are looked up together."""
LABELLED = "Shown in pictures or heard in sounds, as a model names it."

_PART = re.compile(r"[A-Za-z0-9]+")


def from_rem(
    rem: Rem,
    *,
    vector: FloatArray | None,
    tags: tuple[str, ...],
    known: Callable[[str], str | None],
    mitigations: Mapping[str, str],
    source: Mapping[str, Value],
) -> Content:
    """Read a record; `vector` is what its embedding refers to, `known` finds the id of a thing that is in the graph.

    `mitigations`: their ids by name in lower case; as names they are ordinary words, and any place counts.
    """
    key = rem.header.rem_id
    warnings = list(rem.header.quality.warnings)
    vectors, told = _vectors(rem, vector)
    parts, reached = passages_of(rem)
    text = text_of(rem)
    if reached < len(text):
        warnings.append(f"Of {len(text)} characters the first {reached} are found by their words.")
    read = text[:reached]
    found = extract(read, sentences(read), verbatim=(), known=known)
    shown = {name: _entity_of(name) for name, _ in depicted(rem)}
    mentioned = dict.fromkeys([*_most(found), *_by_name(rem, read, known, mitigations)])
    entities = {thing: found.entities[thing] for thing in mentioned if thing in found.entities}
    entities |= {one.id: one for one in shown.values()}
    blob = b"" if vector is None or told else vector.astype("<f4").tobytes()
    at = rem.header.created_at.timestamp()
    described = [description(rem, tags), *parts]
    content = Content(
        batch=key,
        kind="rem",
        title=rem.header.source.name,
        created_at=at,
        source=source,
        nodes=[
            Node(Label.REM, key, _properties(rem, tags)),
            *(
                Node(Label.ENTITY, one.id, {"name": one.name, "type": one.type, "description": one.description})
                for one in entities.values()
            ),
        ],
        relations=[
            *_depictions(key, shown, dict(depicted(rem))),
            *(Relation(Link.MENTIONS, key, thing) for thing in mentioned),
        ],
        found=[Found(Passage(f"{key}:{place}", "rem", said), (key,)) for place, said in enumerate(described)],
        records={Shelf.REMS: [Record(key, rem.model_dump(mode="json"), key, rem.header.modality.value, at, blob)]},
        vectors=vectors,
        warnings=[*warnings, *told, *found.warnings],
    )
    return storable(content)


def digest_of(rem: Rem, vector: FloatArray | None, tags: tuple[str, ...]) -> str:
    """Return what is equal only where the same would be written; when the record was made does not count."""
    held = None if vector is None else hashlib.sha256(vector.astype("<f4").tobytes()).hexdigest()
    return hashlib.sha256(json.dumps([READER, content_digest(rem), held, sorted(tags)]).encode()).hexdigest()


def spoken(text: str, mitigations: Mapping[str, str]) -> Iterator[str]:
    """Yield the ids of mitigations whose names a text has as words."""
    folded = text.casefold()
    for name in sorted(mitigations):
        if name in folded and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded):
            yield mitigations[name]


def named_by(name: str, known: Callable[[str], str | None]) -> list[str]:
    """Return the ids of things that a file is named after, as in `mix_columns-burst.png`: the longest names first.

    A single word must look like a name of code.
    """
    stem = name.rpartition(".")[0] or name
    coded = {one.name for one in by_rules(stem)}
    parts = _PART.findall(stem)
    taken = [False] * len(parts)
    found: dict[str, None] = {}
    for length in range(min(LONGEST_RUN, len(parts)), 0, -1):
        for start in range(len(parts) - length + 1):
            run = parts[start : start + length]
            if any(taken[start : start + length]) or (length == 1 and run[0] not in coded):
                continue
            things = [thing for mark in ("_", " ", "-") if (thing := known(mark.join(run))) is not None]
            if things:
                taken[start : start + length] = [True] * length
                found[things[0]] = None
    return list(found)


def mentioned_things(rem: Rem, known: Callable[[str], str | None], mitigations: Mapping[str, str]) -> list[str]:
    """Return the things of the graph, other than entities, that a record names."""
    _, reached = passages_of(rem)
    read = text_of(rem)[:reached]
    found = Extraction({}, mentions(read, known), ())
    return list(dict.fromkeys([*_most(found), *_by_name(rem, read, known, mitigations)]))


def _by_name(rem: Rem, text: str, known: Callable[[str], str | None], mitigations: Mapping[str, str]) -> Iterator[str]:
    yield from named_by(rem.header.source.name, known)
    yield from spoken(text, mitigations)


def _most(found: Extraction) -> list[str]:
    """Return what a text mentions, most often first."""
    whole = (0, max((one.end for one in found.mentions), default=0))
    return found.within(whole)


def _entity_of(name: str) -> Entity:
    """Return what a label names: a term of our lexicon if it is one."""
    for start, end, term in (hit for sentence in words(name, [(0, len(name))]) for hit in in_lexicon(name, sentence)):
        if (start, end) == (0, len(name)):
            return entity(term.name, term.type, term.description)
    return entity(name, "depicted", LABELLED)


def _depictions(key: str, shown: Mapping[str, Entity], scores: Mapping[str, float]) -> Iterator[Relation]:
    surest: dict[str, float] = {}
    for name, one in shown.items():
        surest[one.id] = max(scores[name], surest.get(one.id, 0.0))
    for thing, score in surest.items():
        yield Relation(Link.DEPICTS, key, thing, {"score": round(score, 4)})


def _properties(rem: Rem, tags: tuple[str, ...]) -> dict[str, Value]:
    header = rem.header
    names = [name for name, _ in depicted(rem)]
    told: dict[str, Value] = {
        "name": header.source.name,
        "modality": header.modality.value,
        "media_type": header.source.media_type,
        "level": header.level.value,
        "language": header.language,
        "created_at": header.created_at.timestamp(),
        "headline": rem.scales.coarse,
        "valence": rem.sensorial.valence,
        "arousal": rem.sensorial.arousal,
        "duration": duration_of(rem) if header.modality in {Modality.AUDIO, Modality.VIDEO} else None,
        "labels": f",{','.join(names)}," if names else "",
        "tags": f",{','.join(tags)}," if tags else "",
        "sha256": header.source.sha256,
        "bytes": header.source.bytes,
    }
    return {name: value for name, value in told.items() if value is not None}


def _vectors(rem: Rem, vector: FloatArray | None) -> tuple[dict[Space, dict[str, FloatArray]], list[str]]:
    """Return the record's vector in its model's space, or why the image model will not find it."""
    embedding = rem.embedding
    if embedding is None:
        return {}, ["There is a vector, and no embedding that it belongs to."] if vector is not None else []
    model = next((one for one in rem.header.models if one.name == embedding.model), None)
    if vector is None:
        return {}, ["Its vector is missing: it is not found by the image model."]
    sized = vector.shape == (embedding.dim,) and bool(np.isfinite(vector).all())
    if model is None or not sized or abs(float(np.linalg.norm(vector)) - 1) > UNIT:
        return {}, ["Its vector is not one of the model that it names: it is not found by the image model."]
    return {rem_space(model.name, model.sha256, embedding.dim): {rem.header.rem_id: vector}}, []
