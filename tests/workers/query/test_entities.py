"""What a text is found to speak of, against what a person named in it."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.query.entities import MAX_PER_CHUNK, MAX_PER_DOCUMENT, MAX_SEEN, MAX_SLUG, Extraction, extract, slug
from workers.query.extraction_lexicon import TERMS
from workers.query.lexicon_index import _index
from workers.query.read_markdown import read_markdown
from workers.query.sentences import sentences

DOCUMENTS = Path(__file__).parent / "documents"


def found_in(text: str, known: dict[str, str] | None = None) -> Extraction:
    return extract(text, sentences(text), verbatim=(), known=(known or {}).get)


def names(text: str) -> set[str]:
    return {entity.name for entity in found_in(text).entities.values()}


def page(name: str) -> Extraction:
    reading = read_markdown((DOCUMENTS / name).read_bytes())
    spans = sentences(reading.text, verbatim=reading.verbatim)
    return extract(reading.text, spans, verbatim=reading.verbatim, known=lambda _: None)


@pytest.mark.parametrize(("name", "recall"), [("page", 0.9), ("notes", 0.6)])
def test_entities_of_a_page_are_those_that_a_person_named(name: str, recall: float) -> None:
    lines = (DOCUMENTS / f"{name}.labels").read_text().splitlines()
    labels = {line.removesuffix("?").strip(): line.endswith("?") for line in lines if not line.startswith("#")}

    found = {entity.name for entity in page(f"{name}.md").entities.values()}

    asked = {label for label, optional in labels.items() if not optional}
    assert len(found & labels.keys()) >= 0.9 * len(found), sorted(found - labels.keys())
    assert len(found & asked) >= recall * len(asked), sorted(asked - found)


def test_a_spanish_page_gives_the_entities_of_an_english_one() -> None:
    found = {entity.name for entity in page("pagina.md").entities.values()}

    assert found >= {
        "leakage", "AES", "correlation power analysis", "secret key", "power trace", "aes128_sbox", "Hamming weight",
        "S-box", "oscilloscope", "t-test", "first-order masking", "shuffling", "trace alignment", "random delay",
        "Cortex-M4", "ISO/IEC 17825",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("DES is weak", "DES"),
        ("two MCUs and an SNR of 3", "microcontroller"),
        ("a side channel attack", "side-channel attack"),
        ("enmascaramientos", "masking"),
        ("relación señal a ruido", "signal-to-noise ratio"),
        ("relacion senal a ruido", "signal-to-noise ratio"),
        ("see FIPS-197", "FIPS 197"),
        ("CVE-2024-1234", "CVE-2024-1234"),
        ("in lib/aes.c:7", "lib/aes.c:7"),
        ("call key_expand()", "key_expand"),
        ("at 0x0800ABCD", "0x0800abcd"),
        ("an STM32L4 board", "STM32L4"),
    ],
)
def test_a_name_is_found_in_its_one_form(text: str, name: str) -> None:
    assert name in names(text)


@pytest.mark.parametrize(
    "text",
    [
        "Unas des ventajas add and present it at once.",
        "It takes 0.5 uJ, 12 %, 250 MS/s and 3.3 V.",
        "Write to someone@example.org or https://example.org/attack/AES_key.",
        "On Monday the first important part of the text was read. In January we wrote more.",
        "12345 67890, ... --- ()",
    ],
)
def test_words_numbers_and_addresses_are_no_entities(text: str) -> None:
    assert names(text) == set()


def test_a_phrase_counts_if_it_is_technical_or_said_twice() -> None:
    assert names("We saw a purple teapot there.") == set()
    assert names("We saw a purple teapot there. The purple teapots were gone.") == {"purple teapot"}
    assert names("We saw a voltage regulator there.") == {"voltage regulator"}


def test_a_name_of_the_graph_is_mentioned_and_is_no_entity() -> None:
    found = found_in("The loop in aes_sbox is slow.", {"aes_sbox": "function:0123456789ab:aes_sbox"})

    assert [mention.id for mention in found.mentions] == ["function:0123456789ab:aes_sbox"]
    assert not found.entities


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("see 0123456789ab:08000a3c there", "0123456789ab:08000a3c"),
        (f"the build sha256:{'ab' * 32} leaks", f"firmware:{'ab' * 32}"),
        ("function:0123456789ab:main is slow", "function:0123456789ab:main"),
        ("after campaign:0f1e2d3c-4b5a we stopped", "campaign:0f1e2d3c-4b5a"),
        ("built as `aes_masked.elf` today", "aes_masked.elf"),
        ("inside `main` only", "main"),
    ],
)
def test_things_are_asked_for_by_their_ids_and_names(text: str, asked: str) -> None:
    assert [mention.id for mention in found_in(text, {asked: "thing"}).mentions] == ["thing"]


def test_code_mentions_only_what_the_graph_knows() -> None:
    text = "Run it.\n\nuint8_t x = aes_sbox(y_2);"

    found = extract(text, sentences(text), verbatim=[(9, len(text))], known={"aes_sbox": "function:1:aes_sbox"}.get)

    assert [mention.id for mention in found.mentions] == ["function:1:aes_sbox"]


def test_the_more_sentences_two_entities_share_the_more_they_are_related() -> None:
    text = "Masking costs SRAM. Masking saves SRAM. Masking meets the UART. The UART waits. The UART ends."

    related = {(one.source, one.target): one for one in found_in(text).related}

    close = related["entity:component:sram", "entity:countermeasure:masking"]
    far = related["entity:countermeasure:masking", "entity:peripheral:uart"]
    assert close.weight == pytest.approx(2 / 6**0.5 * 2 / 3, abs=1e-6)
    assert far.weight == pytest.approx(1 / 9**0.5 / 2, abs=1e-6)
    assert close.description == "Masking costs SRAM."


def test_an_entity_is_the_same_in_every_document() -> None:
    first = found_in("Masking of a voltage regulator. STM32F407, aes_key and FIPS-197.")
    second = found_in("About FIPS 197: two voltage regulators! The aes_key, MASKING? An STM32F407.")

    assert first.entities == second.entities
    assert len(first.entities) == 5


def test_limits_hold_for_a_document_full_of_names() -> None:
    text = " ".join(f"The call fn_{number} leaks near fn_{number + 1}." for number in range(3000))

    found = found_in(text)

    assert len(found.entities) == MAX_PER_DOCUMENT
    assert len(found.within((0, len(text)))) == MAX_PER_CHUNK
    assert all(one.source < one.target and 0 < one.weight <= 1 for one in found.related)
    assert len(found.warnings) == 1
    assert "3001 entities" in found.warnings[0]


def test_the_sentence_that_shows_a_relation_is_cut_at_a_word() -> None:
    (related,) = found_in(f"Masking {'really ' * 100} helps the UART.").related

    assert len(related.description) <= MAX_SEEN
    assert related.description.endswith("really…")


@given(st.lists(st.sampled_from(["Masking", "AES-128", "aes_key", "STM32F407"]) | st.text(max_size=20)).map(" ".join))
def test_mentions_lie_apart_and_in_order_in_any_text(text: str) -> None:
    found = found_in(text)

    spans = [(mention.start, mention.end) for mention in found.mentions]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_names_in_other_scripts_have_slugs_of_their_own() -> None:
    assert slug("Distancia de Hamming") == "distancia-de-hamming"
    assert slug("Análisis") == "analisis"
    assert slug("маска") != slug("ключ")
    assert slug("маска 1") != slug("ключ 1")


def test_long_names_that_begin_alike_have_slugs_of_their_own() -> None:
    names = [f"{'leakage ' * 12}{end}" for end in ("one", "two")]

    assert slug(names[0]) != slug(names[1])
    assert all(len(slug(name)) <= MAX_SLUG for name in names)


def test_no_form_of_the_lexicon_belongs_to_two_terms() -> None:
    owners: dict[tuple[object, object], set[str]] = {}
    for forms in _index().values():
        for form in forms:
            owners.setdefault((form.stems, form.capitals), set()).add(form.term.name)

    assert len(owners) > 400
    assert {form: terms for form, terms in owners.items() if len(terms) > 1} == {}
    assert [name for name, count in Counter(slug(term.name) for term in TERMS).items() if count > 1] == []
