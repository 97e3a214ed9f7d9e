"""What a file is. A guess for the farm, which looks for itself."""

from pathlib import Path

UNKNOWN = "application/octet-stream"
LOOKED_AT = 64 * 1024
BY_NAME = {
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".avif": "image/avif",
    ".heic": "image/heic",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".m4a": "audio/mp4",
    ".aac": "audio/aac",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".webm": "video/webm",
    ".avi": "video/x-msvideo",
}
BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"fLaC", "audio/flac"),
    *((b"ID3" + bytes([version]), "audio/mpeg") for version in (2, 3, 4)),
    (b"%PDF-", "application/pdf"),
    (b"PAR1", "application/vnd.apache.parquet"),
)
FORMS = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
"""What lies in a RIFF file, by its bytes 8 to 12."""
BRANDS = {b"avif": "image/avif", b"heic": "image/heic", b"M4A ": "audio/mp4", b"qt  ": "video/quicktime"}
"""What lies in a file of ISO base media, by its major brand; MP4 for the others."""
EBML, OGG = b"\x1a\x45\xdf\xa3", b"OggS"


def by_name(path: Path) -> str:
    """Return the media type that a file's name says."""
    return BY_NAME.get(path.suffix.lower(), UNKNOWN)


def media_type(path: Path) -> str:
    """Return the media type of a file by its first bytes, else by its name; raise OSError."""
    with path.open("rb") as file:
        first = file.read(LOOKED_AT)
    told = _by_content(first) or by_name(path)
    return "text/plain" if told == UNKNOWN and _text(first) else told


def _by_content(first: bytes) -> str | None:
    if found := next((name for beginning, name in BEGINNINGS if first.startswith(beginning)), None):
        return found
    if first.startswith(b"RIFF"):
        return FORMS.get(first[8:12])
    if first[4:8] == b"ftyp":
        return BRANDS.get(first[8:12], "video/mp4")
    if first.startswith(EBML):
        return "video/webm" if b"webm" in first[:64] else "video/x-matroska"
    if first.startswith(OGG):
        return "video/ogg" if b"theora" in first[:64] else "audio/ogg"
    return None


def _text(first: bytes) -> bool:
    """Say whether bytes are UTF-8 without control characters; a character may be cut at the end."""
    if not first or b"\x00" in first:
        return False
    try:
        first.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data" and len(first) == LOOKED_AT
    return True
