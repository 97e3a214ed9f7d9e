import codecs

import pytest

from jobs.errors import InvalidInput
from jobs.rem import Modality
from tests.workers.remforge.media.reading import read_bytes
from workers.remforge.media.limits import TEXT_BYTES

SAID = 'El teléfono sonó.\r\nNobody answered… not even "you".\n'


@pytest.mark.parametrize(
    ("data", "warning"),
    [
        (SAID.encode(), ""),
        (codecs.BOM_UTF8 + SAID.encode(), ""),
        (codecs.BOM_UTF16_LE + SAID.encode("utf-16-le"), ""),
        (codecs.BOM_UTF16_BE + SAID.encode("utf-16-be"), ""),
        (codecs.BOM_UTF32_LE + SAID.encode("utf-32-le"), ""),
        (SAID.encode("utf-16-le"), "no mark of byte order; it was read as UTF-16-LE"),
        (SAID.encode("utf-16-be"), "no mark of byte order; it was read as UTF-16-BE"),
        (SAID.encode("cp1252"), "not UTF-8; it was read as Windows-1252"),
    ],
)
def test_a_text_is_read_as_it_stands_in_any_encoding_that_its_bytes_tell(data: bytes, warning: str) -> None:
    read = read_bytes(data, name="diary.txt")

    assert (read.modality, read.media_type, read.text) == (Modality.TEXT, "text/plain", SAID)
    assert warning in " ".join(read.warnings)
    assert bool(read.warnings) == bool(warning)


def test_latin_1_is_what_remains() -> None:
    read = read_bytes("¿Qué?\x81".encode("latin-1"))

    assert read.text == "¿Qué?\x81"
    assert read.warnings == ("The text is not UTF-8; it was read as Latin-1.",)


def test_a_text_that_is_cut_within_a_character_is_read_up_to_it() -> None:
    read = read_bytes("mañana será otro día…".encode()[:-1])

    assert read.text == "mañana será otro día"
    assert read.warnings == ("The text ends within a character.",)


@pytest.mark.parametrize(
    ("name", "declared", "media_type"),
    [
        ("notes.md", "", "text/markdown"),
        ("rows.csv", "application/octet-stream", "text/csv"),
        ("x", "application/json; charset=utf-8", "application/json"),
        ("x.srt", "text/plain", "text/plain"),
        ("x", "", "text/plain"),
        ("x", "text/<b>", "text/plain"),
    ],
)
def test_a_text_is_of_the_kind_of_text_that_it_is_called(name: str, declared: str, media_type: str) -> None:
    read = read_bytes(b"one, two", name=name, media_type=declared)

    assert (read.media_type, read.warnings) == (media_type, ())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t\r\n", "empty"),
        (codecs.BOM_UTF8, "empty"),
        (b"words and\0 words", "unsupported"),
        (b"\x01\x02\x03 words", "unsupported"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8\x00\xd8" * 10, "broken"),
        (b"a" * (TEXT_BYTES + 1), "too-large"),
        (b"%PDF-1.7\nwords", "unsupported"),
        (b"{\\rtf1 words}", "unsupported"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_bytes(data, name="diary.txt")

    assert refused.value.reason == reason


def test_a_text_that_is_called_a_picture_is_read_with_a_warning() -> None:
    read = read_bytes(b"words", name="a.png", media_type="image/jpeg")

    assert read.text == "words"
    assert read.warnings == (
        "By its declared type the file is image/jpeg; by its content it is text/plain.",
        "By its name the file is image/png; by its content it is text/plain.",
    )
