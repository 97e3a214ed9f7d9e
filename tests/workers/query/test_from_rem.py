"""A record of a file as knowledge: what it becomes, without any store."""

from collections.abc import Mapping

import numpy as np
import pytest

from jobs.knowledge import PROPERTIES, Label, Link
from jobs.rem import Modality, Rem
from stores.documents import Shelf
from stores.vectors import FloatArray, Space
from tests.workers.query.rems import axis
from tests.workers.remforge.given_records import CLIP, WHEN, record
from workers.query.colours import colour_word
from workers.query.content import Content
from workers.query.from_rem import digest_of, from_rem, named_by
from workers.query.rem_texts import LONGEST, MOST, passages_of

KNOWN = {"mix_columns": "function:0123456789ab:mix_columns", "aes128 build 7": "firmware:7"}


def read(
    rem: Rem,
    vector: FloatArray | None = None,
    *,
    tags: tuple[str, ...] = (),
    known: Mapping[str, str] = KNOWN,
    mitigations: Mapping[str, str] | None = None,
) -> Content:
    return from_rem(rem, vector=vector, tags=tags, known=known.get, mitigations=mitigations or {}, source={"job": "j"})


def ends(content: Content, kind: Link) -> set[str]:
    return {relation.target for relation in content.relations if relation.kind == kind}


def test_a_record_is_a_node_with_what_is_known_of_its_file() -> None:
    rem = record("scope.png", labels=[("oscilloscope", 0.83)], headline="An oscilloscope.", valence=0.25)

    content = read(rem, tags=("lab",))

    key = rem.header.rem_id
    assert (content.batch, content.kind, content.title, content.created_at) == (
        key,
        "rem",
        "scope.png",
        WHEN.timestamp(),
    )
    node = content.nodes[0]
    assert (node.label, node.id) == (Label.REM, key)
    assert node.properties == {
        "name": "scope.png",
        "modality": "image",
        "media_type": "image/png",
        "level": "lite",
        "language": "en",
        "created_at": WHEN.timestamp(),
        "headline": "An oscilloscope.",
        "valence": 0.25,
        "labels": ",oscilloscope,",
        "tags": ",lab,",
        "sha256": rem.header.source.sha256,
        "bytes": 9,
    }
    assert all(set(node.properties) <= set(PROPERTIES[Label(node.label)]) for node in content.nodes)
    (kept,) = content.records[Shelf.REMS]
    assert (kept.id, kept.batch, kept.group, kept.at) == (key, key, "image", WHEN.timestamp())
    assert Rem.model_validate(kept.body) == rem


def test_what_a_model_is_sure_enough_of_is_depicted_and_nothing_else() -> None:
    rem = record(labels=[("oscilloscope, scope", 0.83), ("golden retriever", 0.3), ("screen", 0.29)])

    content = read(rem)

    assert ends(content, Link.DEPICTS) == {"entity:instrument:oscilloscope", "entity:depicted:golden-retriever"}
    scores = {one.target: one.properties["score"] for one in content.relations if one.kind == Link.DEPICTS}
    assert scores["entity:instrument:oscilloscope"] == 0.83
    assert {node.id for node in content.nodes} >= ends(content, Link.DEPICTS)


def test_a_mood_is_not_depicted() -> None:
    assert (
        ends(
            read(record("d.txt", modality=Modality.TEXT, text="Fine.", labels=[("joy", 0.9)], kind="affect")),
            Link.DEPICTS,
        )
        == set()
    )


def test_words_and_file_names_mention_what_the_graph_knows() -> None:
    text = "I saw mix_columns leak in the power trace. Masking would help, unmasked it does not."
    rem = record("notes on aes128-build-7.txt", modality=Modality.TEXT, text=text)

    content = read(rem, mitigations={"masking": "mitigation:masking", "shuffling": "mitigation:shuffling"})

    mentioned = ends(content, Link.MENTIONS)
    assert {"function:0123456789ab:mix_columns", "firmware:7", "mitigation:masking"} <= mentioned
    assert "mitigation:shuffling" not in mentioned
    outside = mentioned - {node.id for node in content.nodes}
    assert outside == {"function:0123456789ab:mix_columns", "firmware:7", "mitigation:masking"}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("mix_columns.png", ["function:0123456789ab:mix_columns"]),
        ("2026-11-20 mix-columns, two bursts.png", ["function:0123456789ab:mix_columns"]),
        ("aes128_build_7 mix_columns.jpg", ["firmware:7", "function:0123456789ab:mix_columns"]),
        ("mix.png", []),
        ("main.png", []),
    ],
)
def test_a_file_is_named_after_things_of_the_graph(name: str, found: list[str]) -> None:
    assert named_by(name, (KNOWN | {"main": "function:0123456789ab:main"}).get) == found


def test_passages_are_what_is_recorded_and_the_text_in_whole_clauses() -> None:
    text = " ".join(f"Sentence number {number} tells of the lab." for number in range(80))
    rem = record("diary.txt", modality=Modality.TEXT, text=text, headline="A long diary.")

    content = read(rem, tags=("lab",))

    described, *parts = [found.passage for found in content.found]
    assert described.text == "diary.txt: text; text/plain; tags lab. A long diary."
    assert {found.passage.kind for found in content.found} == {"rem"}
    assert all(found.ids == (rem.header.rem_id,) for found in content.found)
    assert len(parts) > 2
    assert all(len(part.text) <= LONGEST and part.text.startswith("Sentence number") for part in parts)
    words = " ".join(part.text for part in parts).replace(".", "").split()
    assert words == text.replace(".", "").split()


def test_a_picture_is_described_by_its_labels_and_colours() -> None:
    rem = record(
        "scope.png",
        labels=[("oscilloscope", 0.83), ("screen", 0.11)],
        colours=[("#050805", 0.6), ("#1fbf3a", 0.3), ("#ffffff", 0.01)],
        headline="An oscilloscope.",
    )

    described = read(rem).found[0].passage.text

    assert described == (
        "scope.png: picture, image of oscilloscope; colours black, green; image/png, 640 by 480 pixels. An oscilloscope."
    )


def test_a_recording_is_described_by_its_length_and_found_by_what_is_said() -> None:
    content = read(record("talk.wav", modality=Modality.AUDIO, text="We compared both builds."))

    assert [found.passage.text for found in content.found] == [
        "talk.wav: sound, audio recording; speech in 80% of it; audio/wav, 12.5 s. A file called talk.wav.",
        "We compared both builds.",
    ]


def test_a_clause_without_end_is_cut_at_spaces_and_a_text_without_end_says_so() -> None:
    rem = record("book.txt", modality=Modality.TEXT, text="word " * 60_000 + "end")

    content = read(rem)

    parts, reached = passages_of(rem)
    assert len(parts) == MOST
    assert all(0 < len(part) <= LONGEST and set(part.split()) == {"word"} for part in parts)
    assert reached < 300_000
    assert f"Of 300003 characters the first {reached} are found by their words." in content.warnings


def test_a_vector_lies_in_the_space_of_its_model_and_with_its_record() -> None:
    rem = record(embedded_by=CLIP)

    content = read(rem, axis(2))

    space = Space("rem_embeddings", f"{CLIP.name}@{CLIP.sha256[:16]}", 4)
    assert content.vectors.keys() == {space}
    assert np.array_equal(content.vectors[space][rem.header.rem_id], axis(2))
    (kept,) = content.records[Shelf.REMS]
    assert kept.blob == axis(2).tobytes()


@pytest.mark.parametrize(
    "vector", [None, 2 * axis(0), np.ones(3, np.float32) / np.sqrt(3, dtype=np.float32), np.full(4, np.nan, np.float32)]
)
def test_a_vector_that_is_missing_or_wrong_is_left_out_and_told(vector: FloatArray | None) -> None:
    content = read(record(embedded_by=CLIP), vector)

    assert content.vectors == {}
    assert [record.blob for record in content.records[Shelf.REMS]] == [b""]
    assert any("is not found by the image model" in warning for warning in content.warnings)


def test_the_same_content_is_told_by_its_digest_whenever_it_was_made() -> None:
    rem, later = record(embedded_by=CLIP), record(embedded_by=CLIP, created_at=WHEN.replace(year=2027))
    digest = digest_of(rem, axis(0), ("a", "b"))

    assert digest_of(later, axis(0), ("b", "a")) == digest
    others = [digest_of(rem, axis(1), ("a", "b")), digest_of(rem, None, ("a", "b")), digest_of(rem, axis(0), ("a",))]
    others.append(digest_of(record(embedded_by=CLIP, headline="Other."), axis(0), ("a", "b")))
    assert len({digest, *others}) == 5


def test_text_that_no_store_keeps_is_written_so_that_it_can_be_kept() -> None:
    rem = record("odd\u202e.txt", modality=Modality.TEXT, text="A\x00b c\nd")

    content = read(rem)

    assert content.title == "odd\\u202e.txt"
    assert content.found[1].passage.text == "A\\x00b c d"


@pytest.mark.parametrize(
    ("colour", "word"),
    [
        ("#000000", "black"),
        ("#ffffff", "white"),
        ("#7f7f80", "grey"),
        ("#e01010", "red"),
        ("#ff8c00", "orange"),
        ("#7a4a1e", "brown"),
        ("#f5d90a", "yellow"),
        ("#1f9d3a", "green"),
        ("#1f4fd0", "blue"),
        ("#7a2fd0", "purple"),
        ("#f08ac0", "pink"),
        ("#ffb6b6", "pink"),
    ],
)
def test_colours_are_called_what_people_call_them(colour: str, word: str) -> None:
    assert colour_word(colour) == word
