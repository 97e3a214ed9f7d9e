"""What a file's name, and whoever brought it, say that it is; its content decides."""

import re
from collections.abc import Iterator

_TEXT = "text/plain"
_TYPES = {
    **dict.fromkeys(("txt", "text", "log"), _TEXT),
    **dict.fromkeys(("md", "markdown"), "text/markdown"),
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    **dict.fromkeys(("htm", "html"), "text/html"),
    "json": "application/json",
    **dict.fromkeys(("jsonl", "ndjson"), "application/x-ndjson"),
    **dict.fromkeys(("yaml", "yml"), "application/yaml"),
    "toml": "application/toml",
    "xml": "application/xml",
    "svg": "image/svg+xml",
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    **dict.fromkeys(("jpg", "jpeg", "jpe"), "image/jpeg"),
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    **dict.fromkeys(("tif", "tiff"), "image/tiff"),
    "avif": "image/avif",
    **dict.fromkeys(("jp2", "j2k"), "image/jp2"),
    **dict.fromkeys(("pbm", "pgm", "ppm", "pnm"), "image/x-portable-anymap"),
    **dict.fromkeys(("heic", "heif"), "image/heif"),
    "wav": "audio/wav",
    **dict.fromkeys(("ogg", "oga", "opus"), "audio/ogg"),
    "ogv": "video/ogg",
    "flac": "audio/flac",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
    "m4a": "audio/mp4",
    **dict.fromkeys(("aif", "aiff"), "audio/aiff"),
    "au": "audio/basic",
    "caf": "audio/x-caf",
    "amr": "audio/amr",
    **dict.fromkeys(("mp4", "m4v"), "video/mp4"),
    "mov": "video/quicktime",
    "3gp": "video/3gpp",
    "mkv": "video/x-matroska",
    "mka": "audio/x-matroska",
    "webm": "video/webm",
    "avi": "video/x-msvideo",
    **dict.fromkeys(("mpg", "mpeg"), "video/mpeg"),
    **dict.fromkeys(("ts", "mts"), "video/mp2t"),
    "flv": "video/x-flv",
    "wmv": "video/x-ms-wmv",
    "wma": "audio/x-ms-wma",
    "pdf": "application/pdf",
}
_SAME = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-ms-bmp": "image/bmp",
    "image/heic": "image/heif",
    **dict.fromkeys(
        ("image/x-portable-bitmap", "image/x-portable-graymap", "image/x-portable-pixmap"), "image/x-portable-anymap"
    ),
    **dict.fromkeys(("audio/x-wav", "audio/wave", "audio/vnd.wave"), "audio/wav"),
    **dict.fromkeys(("audio/mp3", "audio/x-mp3"), "audio/mpeg"),
    **dict.fromkeys(("audio/x-aac", "audio/aacp"), "audio/aac"),
    **dict.fromkeys(("audio/x-aiff",), "audio/aiff"),
    **dict.fromkeys(("audio/x-flac",), "audio/flac"),
    # One container each, whatever is in it.
    **dict.fromkeys(
        ("audio/mp4", "audio/x-m4a", "audio/m4a", "video/x-m4v", "video/quicktime", "video/3gpp", "audio/3gpp"),
        "video/mp4",
    ),
    **dict.fromkeys(("audio/opus", "video/ogg", "application/ogg"), "audio/ogg"),
    **dict.fromkeys(("audio/webm", "video/webm", "audio/x-matroska", "video/matroska"), "video/x-matroska"),
    **dict.fromkeys(("video/x-ms-wmv", "audio/x-ms-wma", "application/vnd.ms-asf"), "video/x-ms-asf"),
}
_TEXTUAL = {
    "application/json",
    "application/x-ndjson",
    "application/yaml",
    "application/x-yaml",
    "application/toml",
    "application/xml",
    "application/x-subrip",
}
_NOTHING_SAID = {"application/octet-stream", "binary/octet-stream"}
_FORM = re.compile(r"[a-z0-9.+-]{1,49}/[a-z0-9.+-]{1,50}")


def text_type(name: str, declared: str) -> str:
    """Return the type of a text: what it is called, if that is one of texts, since no content tells them apart."""
    return next((said for _, said in _claims(name, declared) if _is_textual(said)), _TEXT)


def mismatches(name: str, declared: str, actual: str) -> tuple[str, ...]:
    """Return a warning for each of name and declared type that says something else than the content."""
    return tuple(
        f"By its {where} the file is {said}; by its content it is {actual}."
        for where, said in _claims(name, declared)
        if _SAME.get(said, said) != _SAME.get(actual, actual) and not (_is_textual(said) and _is_textual(actual))
    )


def _claims(name: str, declared: str) -> Iterator[tuple[str, str]]:
    said = declared.partition(";")[0].strip().lower()
    if said not in _NOTHING_SAID and _FORM.fullmatch(said):
        yield "declared type", said
    _, dot, extension = name.rpartition(".")
    if dot and extension.lower() in _TYPES:
        yield "name", _TYPES[extension.lower()]


def _is_textual(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type in _TEXTUAL
