"""What files are taken for."""

from pathlib import Path

import pytest

from dasein.media_types import LOOKED_AT, media_type

FTYP = b"\x00\x00\x00\x20ftyp"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"II*\x00", "image/tiff"),
        (b"RIFF\x00\x00\x00\x00WEBP", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", "audio/wav"),
        (b"RIFF\x00\x00\x00\x00AVI ", "video/x-msvideo"),
        (b"fLaC", "audio/flac"),
        (b"ID3\x04", "audio/mpeg"),
        (FTYP + b"isom", "video/mp4"),
        (FTYP + b"qt  ", "video/quicktime"),
        (FTYP + b"M4A ", "audio/mp4"),
        (FTYP + b"heic", "image/heic"),
        (b"\x1a\x45\xdf\xa3\x01\x42\x82\x84webm", "video/webm"),
        (b"\x1a\x45\xdf\xa3\x01\x42\x82\x88matroska", "video/x-matroska"),
        (b"OggS" + bytes(24) + b"\x01vorbis", "audio/ogg"),
        (b"OggS" + bytes(24) + b"\x80theora", "video/ogg"),
        (b"%PDF-1.7", "application/pdf"),
    ],
)
def test_the_content_outweighs_the_name(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "wrong.txt"
    path.write_bytes(content)

    assert media_type(path) == expected


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.MD", b"# Notes", "text/markdown"),
        ("a.mp3", b"\xff\xfb\x90\x00", "audio/mpeg"),
        ("a.bmp", b"BM\x00", "image/bmp"),
        ("tags.csv", b"ID3 tags,b", "text/csv"),
        ("a.wav", b"RIFF\x00\x00\x00\x00what", "audio/wav"),
    ],
)
def test_where_the_content_says_nothing_the_name_does(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    assert media_type(path) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("El día después".encode(), "text/plain"),
        (b"a" * (LOOKED_AT - 1) + "ñandú".encode(), "text/plain"),
        (b"caf\xe9", "application/octet-stream"),
        ("cut ñ".encode()[:-1], "application/octet-stream"),
        (b"a\x00b", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_a_file_of_no_name_is_a_text_if_it_reads_as_one(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "diary"
    path.write_bytes(content)

    assert media_type(path) == expected
