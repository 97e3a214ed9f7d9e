"""Documents in every format: what is read, what it becomes, and what is refused."""

import io
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

from jobs.errors import InvalidInput
from jobs.ingestion import Format
from jobs.knowledge import PROPERTIES, Label, Link
from stores.documents import Shelf
from tests.workers.query.pdfs import pdf, with_streams
from workers.encoders.minilm import Tokenizer, model_folder
from workers.query.content import Content
from workers.query.from_document import detect, read_document
from workers.query.read_html import read_html
from workers.query.read_markdown import read_markdown
from workers.query.read_pdf import read_pdf
from workers.query.read_text import read_text
from workers.query.reader import tidy
from workers.query.reader_process import read_apart

DOCUMENTS = Path(__file__).parent / "documents"
TOKENIZER = Tokenizer(model_folder())


def read(data: bytes, form: Format, known: Mapping[str, str] | None = None, **given: Any) -> Content:
    options: dict[str, Any] = {
        "name": "notes",
        "title": "",
        "tags": ("lab", "aes"),
        "created_at": 12.5,
        "source": {"job": "j"},
    }
    return read_document(data, format=form, tokenizer=TOKENIZER, known=(known or {}).get, **(options | given))


def refusal(read: Callable[[], object]) -> str | None:
    with pytest.raises(InvalidInput) as refused:
        read()
    assert refused.value.field == "artifact"
    return refused.value.reason


# What a document becomes


def test_a_document_becomes_a_node_its_chunks_and_what_they_mention() -> None:
    data = (DOCUMENTS / "page.md").read_bytes()

    content = read(data, Format.MARKDOWN, {"aes128_sbox": "function:0123456789ab:aes128_sbox"})

    assert (content.batch, content.kind, content.created_at) == ("document:notes", "document", 12.5)
    nodes = {node.id: node for node in content.nodes}
    assert len(nodes) == len(content.nodes)
    assert nodes["document:notes"].properties == {
        "name": "notes",
        "title": "Leakage of the AES in build 7",
        "media_type": "text/markdown",
        "language": "en",
        "created_at": 12.5,
        "tags": ",lab,aes,",
    }
    assert all(set(node.properties) <= set(PROPERTIES[Label(node.label)]) for node in content.nodes)
    ends = {(relation.kind, relation.source, relation.target) for relation in content.relations}
    assert (Link.PART_OF, "chunk:notes:0", "document:notes") in ends
    assert (Link.MENTIONS, "chunk:notes:0", "function:0123456789ab:aes128_sbox") in ends
    assert (Link.MENTIONS, "chunk:notes:0", "entity:algorithm:s-box") in ends
    assert len(ends) == len(content.relations)
    outside = {relation.target for relation in content.relations} - nodes.keys()
    assert outside == {"function:0123456789ab:aes128_sbox"}


def test_chunks_and_the_whole_text_are_kept_and_agree() -> None:
    content = read((DOCUMENTS / "page.md").read_bytes() * 9, Format.MARKDOWN)

    (document,) = content.records[Shelf.DOCUMENTS]
    chunks = list(content.records[Shelf.CHUNKS])
    text = zlib.decompress(document.blob).decode()
    assert document.body["chunks"] == len(chunks) > 3
    assert [chunk.id for chunk in chunks] == [f"chunk:notes:{place}" for place in range(len(chunks))]
    assert [chunk.at for chunk in chunks] == list(range(len(chunks)))
    assert all(text[chunk.body["start"] : chunk.body["end"]] == chunk.body["text"] for chunk in chunks)
    assert {record.batch for record in (document, *chunks)} == {chunk.group for chunk in chunks} == {"document:notes"}
    passages = {found.passage.id: found for found in content.found if found.passage.kind == "chunk"}
    assert {name: found.passage.text for name, found in passages.items()} == {
        one.id: one.body["text"] for one in chunks
    }
    assert all(found.ids == (name,) for name, found in passages.items())


def test_a_chunk_knows_the_section_it_begins_in() -> None:
    content = read(b"# Lab\n\n## Setup\n\nA probe.\n\n## Result\n\nA leak.\n", Format.MARKDOWN)

    (document,) = content.records[Shelf.DOCUMENTS]
    (chunk,) = content.records[Shelf.CHUNKS]
    assert [path for _, path in document.body["sections"]] == [["Lab"], ["Lab", "Setup"], ["Lab", "Result"]]
    assert chunk.body["section"] == ["Lab"]


def test_a_chunk_lists_its_figures() -> None:
    content = read("It used 0.5 µJ in 12 cycles, at 3,3 V; 0.5 µJ again, 7 times.".encode(), Format.TEXT)

    (chunk,) = content.records[Shelf.CHUNKS]
    assert chunk.body["figures"] == ["0.5 µJ", "12 cycles", "3,3 V"]


def test_an_entity_has_a_passage_that_every_document_shares() -> None:
    first, second = read(b"Masking helps.", Format.TEXT), read(b"Enmascaramiento: lento.", Format.TEXT, name="other")

    (entity,) = [found for found in first.found if found.passage.kind == "entity"]
    assert entity.ids == ("entity:countermeasure:masking",)
    assert entity.passage.text == "masking: Splits every secret into random shares."
    assert entity in second.found


def test_the_same_bytes_become_the_same_content() -> None:
    data = (DOCUMENTS / "page.md").read_bytes()

    assert read(data, Format.MARKDOWN) == read(data, Format.MARKDOWN)


@pytest.mark.parametrize(
    ("text", "language", "doubted"),
    [
        ("The key leaks. " * 20 + "She said: «¿Qué clave se filtra?»", "en", False),
        ("La clave se filtra en la primera ronda. " * 20 + "The end.", "es", False),
        ("Avain vuotaa ensimmäisellä kierroksella joka kerta kun laite salaa tietoja. " * 9, "en", True),
    ],
)
def test_the_language_is_that_of_most_of_the_text(text: str, language: str, *, doubted: bool) -> None:
    content = read(text.encode(), Format.TEXT)

    assert content.nodes[0].properties["language"] == language
    assert any("neither English nor Spanish" in warning for warning in content.warnings) is doubted


def test_a_document_without_text_says_that_nothing_was_read() -> None:
    content = read(b" \n\n \n", Format.TEXT)

    assert [node.id for node in content.nodes] == ["document:notes"]
    assert list(content.warnings) == ["The document has no text; nothing was read from it."]


def test_a_table_of_measurements_is_no_document() -> None:
    with pytest.raises(InvalidInput, match="table") as refused:
        read(b"a,b\n1,2\n", Format.CSV)
    assert refused.value.reason == "not-a-document"


# Readers


def test_html_is_read_without_scripts_styles_and_navigation() -> None:
    reading = read_html((DOCUMENTS / "page.html").read_bytes())

    assert reading.title == "Masking & shuffling"
    assert reading.text.split("\n\n") == [
        "Masking",
        "First-order masking of `aes_round` costs 3 cycles — and café.",
        "- One share",
        "- Two shares",
        "ldrb r3, [r2]\n  strb r3, [r1]",
        "Name | Value",
        "SNR | 0.12",
    ]
    ((start, end),) = reading.verbatim
    assert reading.text[start:end].startswith("ldrb")


def test_markdown_keeps_headings_lists_tables_and_code() -> None:
    text = "---\ntitle: Lab\n---\n# One *big*\n\n1. a `b_c`\n2. d\n\n* e\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n```c\nint x;\n```\n<!-- no --><b>bold</b>\n"

    reading = read_markdown(text.encode())

    assert reading.title == "Lab"
    assert reading.text.split("\n\n") == ["One big", "1. a `b_c`", "2. d", "- e", "x | y", "1 | 2", "int x;", "bold"]
    assert [reading.text[start:end] for start, end in reading.verbatim] == ["int x;"]


def test_markdown_that_is_nested_too_deep_says_what_is_missing() -> None:
    assert read_markdown(b"> " * 20 + b"x").warnings == ()
    assert read_markdown(b"y\n\n" + b"> " * 60 + b"x").warnings == (
        "Parts that are nested more than 50 deep were left out.",
    )


@pytest.mark.parametrize(
    ("data", "text", "warned"),
    [
        ("clave ñ µJ".encode(), "clave ñ µJ", False),
        ("clave ñ".encode("utf-16"), "clave ñ", False),
        ("\ufeffclave".encode(), "clave", False),
        ("fuga: 3 µs “ñ”".encode("cp1252"), "fuga: 3 µs “ñ”", True),
        (b"\x81 caf\xe9", "café", True),
        ("e\u0301\r\nﬁne\u200b\xa0x".encode(), "é\nfine x", False),
    ],
)
def test_a_text_is_decoded_by_what_it_is(data: bytes, text: str, *, warned: bool) -> None:
    reading = read_text(data)

    assert reading.text.strip() == text
    assert bool(reading.warnings) is warned


def test_a_pdf_is_read_page_by_page_without_running_heads() -> None:
    pages = [
        f"Report of the lab\nThe S-box leaks in round {n}. The side-channel\nis a counter-\nmeasure.\n{n}"
        for n in range(1, 6)
    ]

    reading = read_pdf(pdf(*pages, title="Leak report"))

    assert reading.title == "Leak report"
    assert "Report of the lab" not in reading.text
    assert "The S-box leaks in round 3. The side-channel\nis a countermeasure." in reading.text
    assert reading.text.count("\n\n") == 4
    assert reading.warnings == ()


def test_pages_without_text_are_named() -> None:
    content = read(pdf("First page.", "", "", "Fourth page."), Format.PDF)

    assert list(content.warnings) == ["Nothing was read from pages without text, which may be images: 2-3."]
    assert [one.body["text"] for one in content.records[Shelf.CHUNKS]] == ["First page.\n\nFourth page."]


# What is refused


def test_an_encrypted_pdf_is_refused_unless_it_needs_no_password() -> None:
    def locked(password: str) -> bytes:
        writer = PdfWriter()
        writer.append(PdfReader(io.BytesIO(pdf("The key."))))
        writer.encrypt(password, "owner", algorithm="RC4-128")
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()

    assert refusal(lambda: read_pdf(locked("secret"))) == "encrypted"
    assert read_pdf(locked("")).text == "The key."


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(range(256)) * 40, pdf("A page.")[:300]])
def test_a_broken_pdf_is_refused(data: bytes) -> None:
    assert refusal(lambda: read_pdf(data)) == "broken"


def test_a_pdf_with_too_many_pages_is_refused() -> None:
    assert refusal(lambda: read_pdf(with_streams(*[b""] * 2001))) == "too-many-pages"


def test_a_pdf_that_is_much_larger_inside_is_refused() -> None:
    bomb = with_streams(b"% " + b" " * 100_000_000)

    assert len(bomb) < 200_000
    assert refusal(lambda: read_apart(bomb, Format.PDF)) == "too-costly"


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"<div>" * 200_000, Format.HTML),
        (with_streams(*[b"BT /F 12 Tf " + b"(a) Tj " * 300_000 + b"ET"] * 20), Format.PDF),
    ],
)
def test_a_document_that_would_take_forever_is_given_up(data: bytes, form: Format) -> None:
    assert refusal(lambda: read_apart(data, form, cpu_s=1)) == "too-costly"


def test_a_page_that_needs_too_much_memory_is_given_up() -> None:
    page = b"<p>x</p>" * 800_000

    assert refusal(lambda: read_apart(page, Format.HTML, memory_bytes=256 << 20)) == "too-costly"


def test_a_reader_that_is_late_is_given_up() -> None:
    assert refusal(lambda: read_apart(b"<div>" * 200_000, Format.HTML, deadline_s=0.5)) == "too-costly"


def test_a_document_with_too_much_text_is_refused() -> None:
    data = b"leak " * 1_800_000

    assert refusal(lambda: read_text(data)) == refusal(lambda: read_html(data)) == "too-long"


def test_what_is_refused_in_the_child_is_refused_in_the_parent() -> None:
    assert refusal(lambda: read_apart(b"\xff\xfe\x00", Format.MARKDOWN)) == "broken-encoding"


# What a file is


@pytest.mark.parametrize(
    ("data", "media_type", "named", "form"),
    [
        (b"%PDF-1.7 ...", "text/plain", None, Format.PDF),
        (b"PAR1....PAR1", "application/octet-stream", None, Format.PARQUET),
        (b"\n<!-- x --><!DOCTYPE html><p>", "text/plain", None, Format.HTML),
        (b"<p>fragment", "text/html; charset=utf-8", None, Format.HTML),
        (b"instruction,energy,unit\nldr,0.5,uJ\nstr,0.6,uJ\n", "application/octet-stream", None, Format.CSV),
        (b"First, second, third\nand so on, they said, one by one.\n", "text/plain", None, Format.TEXT),
        (b"# Title\n\nSome [link](x) here.\n", "text/plain", None, Format.MARKDOWN),
        (b"# just a comment\nvalue\n", "text/plain", None, Format.TEXT),
        (b"plain", "text/markdown", None, Format.MARKDOWN),
        (b"plain", "", None, Format.TEXT),
        ("clave".encode("utf-16") * 9000, "text/plain", None, Format.TEXT),
        (b"<html>", "text/html", Format.TEXT, Format.TEXT),
        (b"a,b,c\n1,2,3\n", "text/csv", Format.TEXT, Format.TEXT),
        ("é".encode() * 20_000, "text/plain", None, Format.TEXT),
    ],
)
def test_a_format_is_told_by_its_name_then_its_content_then_its_media_type(
    data: bytes, media_type: str, named: Format | None, form: Format
) -> None:
    assert detect(data, media_type, named) is form


@pytest.mark.parametrize(
    ("data", "media_type", "named", "reason"),
    [
        (b"", "text/plain", None, "empty"),
        (b"text", "application/pdf", None, "not-what-it-says"),
        (b"text", "text/plain", Format.PDF, "not-what-it-says"),
        (b"%PDF-1.7", "application/pdf", Format.MARKDOWN, "not-what-it-says"),
        (b"PAR1....PAR1", "", Format.CSV, "not-what-it-says"),
        (b"\x7fELF\x01\x01\x00\x00", "text/plain", None, "binary"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "text/html", Format.HTML, "binary"),
        (bytes(range(1, 32)) * 50, "", None, "binary"),
        (b"x" * (64 << 20) + b"x", "text/plain", None, "too-large"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(
    data: bytes, media_type: str, named: Format | None, reason: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        detect(data, media_type, named)

    assert (refused.value.field, refused.value.reason) == ("artifact", reason)


def test_halves_of_characters_do_not_come_out_of_a_reader() -> None:
    assert tidy("a\ud800b\udfff") == "a\ufffdb\ufffd"
