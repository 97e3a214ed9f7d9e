"""What a file is, by how it begins. Only what is listed here reaches a parser, and each file one parser only."""

import re
from dataclasses import dataclass
from enum import Enum

HEAD_BYTES = 1024
"""What `sniff` wants to see of a file."""


class Reader(Enum):
    """Who reads a kind of file."""

    PICTURE = "picture"
    CONTAINER = "container"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file; `form` is what Pillow (a picture) or FFmpeg (a container) calls it."""

    reader: Reader
    media_type: str
    form: str = ""


def _picture(media_type: str, form: str) -> Kind:
    return Kind(Reader.PICTURE, media_type, form)


def _container(media_type: str, form: str) -> Kind:
    return Kind(Reader.CONTAINER, media_type, form)


def _nobody(media_type: str) -> Kind:
    return Kind(Reader.NOBODY, media_type)


_TIFF = _picture("image/tiff", "TIFF")
_JPEG_2000 = _picture("image/jp2", "JPEG2000")
_MOV = _container("video/mp4", "mov")
_WAV = _container("audio/wav", "wav")
_AIFF = _container("audio/aiff", "aiff")
_MP3 = _container("audio/mpeg", "mp3")
_HEIF = _nobody("image/heif")
_ZIP = _nobody("application/zip")
_SCRIPT = _nobody("application/postscript")

_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"\xff\xd8\xff", _picture("image/jpeg", "JPEG")),
    (b"\x89PNG\r\n\x1a\n", _picture("image/png", "PNG")),
    (b"GIF87a", _picture("image/gif", "GIF")),
    (b"GIF89a", _picture("image/gif", "GIF")),
    (b"II*\0", _TIFF),
    (b"MM\0*", _TIFF),
    (b"II+\0", _TIFF),
    (b"MM\0+", _TIFF),
    (b"\0\0\0\x0cjP  \r\n\x87\n", _JPEG_2000),
    (b"\xff\x4f\xff\x51", _JPEG_2000),
    (b"OggS", _container("audio/ogg", "ogg")),
    (b"fLaC", _container("audio/flac", "flac")),
    (b"ID3", _MP3),
    (b".snd", _container("audio/basic", "au")),
    (b"caff", _container("audio/x-caf", "caf")),
    (b"#!AMR", _container("audio/amr", "amr")),
    (b"\0\0\x01\xba", _container("video/mpeg", "mpeg")),
    (b"FLV\x01", _container("video/x-flv", "flv")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", _container("video/x-ms-asf", "asf")),
    # Texts at first sight, or likely by mistake: said by name rather than as noise.
    (b"%PDF-", _nobody("application/pdf")),
    (b"%!PS", _SCRIPT),
    (b"{\\rtf", _nobody("application/rtf")),
    (b"PK\x03\x04", _ZIP),
    (b"PK\x05\x06", _ZIP),
    (b"\x1f\x8b", _nobody("application/gzip")),
    (b"7z\xbc\xaf\x27\x1c", _nobody("application/x-7z-compressed")),
    (b"Rar!", _nobody("application/vnd.rar")),
    (b"\x7fELF", _nobody("application/x-elf")),
    (b"8BPS", _nobody("image/vnd.adobe.photoshop")),
    (b"SQLite format 3\0", _nobody("application/vnd.sqlite3")),
)
_RIFF = {b"WAVE": _WAV, b"AVI ": _container("video/x-msvideo", "avi"), b"WEBP": _picture("image/webp", "WEBP")}
_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), _picture("image/avif", "AVIF")),
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"), _HEIF),
    b"qt  ": _container("video/quicktime", "mov"),
    **dict.fromkeys((b"3gp4", b"3gp5", b"3gp6", b"3g2a"), _container("video/3gpp", "mov")),
}
_BMP_HEADERS = {12, 40, 52, 56, 64, 108, 124}
_ANYMAP = re.compile(rb"P[456]\s+(?:#[^\n]*\n\s*)*\d{1,9}\s+(?:#[^\n]*\n\s*)*\d{1,9}\s")
_PACKET = 188
"""Bytes of an MPEG transport stream that begin with 0x47."""


def sniff(head: bytes) -> Kind | None:
    """Return the kind of a file that begins so, or None where it could only be text."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    return _nested(head) or _packed(head) or _mpeg_audio(head)


def _nested(head: bytes) -> Kind | None:
    """Tell files that are boxes in boxes: RIFF, IFF, ISO 14496-12, EBML."""
    if head[:4] in {b"RIFF", b"RF64"}:
        return _RIFF.get(head[8:12])
    if head[:4] == b"FORM":
        return _AIFF if head[8:12] in {b"AIFF", b"AIFC"} else None
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], _MOV)
    if head[4:8] in {b"moov", b"mdat", b"wide"}:
        return _container("video/quicktime", "mov")
    if head[:4] == b"\x1a\x45\xdf\xa3":
        # EBML; its document type comes within the first element.
        return _container("video/webm" if b"webm" in head[:64] else "video/x-matroska", "matroska")
    return None


def _packed(head: bytes) -> Kind | None:
    """Tell files that have a short mark, and numbers that must be as they are in such files."""
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return _picture("image/bmp", "BMP")
    if _ANYMAP.match(head):
        return _picture("image/x-portable-anymap", "PPM")
    if len(head) > 2 * _PACKET and head[0] == head[_PACKET] == head[2 * _PACKET] == 0x47:
        return _container("video/mp2t", "mpegts")
    return None


def _mpeg_audio(head: bytes) -> Kind | None:
    """Tell a frame of MPEG audio (ISO 11172-3) or of ADTS (ISO 13818-7) from a mark of byte order, FF FE."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0 or head[1] == 0xFE:
        return None
    if head[1] & 0xF6 == 0xF0:
        return _container("audio/aac", "aac") if (head[2] >> 2) & 0xF < 13 else None
    layer, bit_rate, rate = (head[1] >> 1) & 3, head[2] >> 4, (head[2] >> 2) & 3
    return _MP3 if layer and bit_rate != 0xF and rate != 3 else None
