"""Files that mean harm, read where they would be: in the children of a pool."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from jobs.errors import InvalidInput
from tests.workers.remforge.media.made_files import film, flat, picture, scenery, sound, three_scenes, tone
from tests.workers.remforge.media.reading import WANTED
from workers.remforge.media.pool import DecoderPool
from workers.remforge.media.reasons import Reason


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    with DecoderPool(1, memory_bytes=1 << 30, cpu_s=60, deadline_s=120) as made:
        yield made


def outcome(pool: DecoderPool, folder: Path, data: bytes) -> str:
    """Return the modality that is read, or the reason why none is."""
    path = folder / "file"
    path.write_bytes(data)
    try:
        return pool.decode(path, name="file", media_type="", wanted=WANTED).modality.value
    except InvalidInput as error:
        return str(error.reason)


def png(width: int, height: int, rows: bytes) -> bytes:
    """Return a grey PNG whose header says what it likes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def jpeg_of(width: int, height: int) -> bytes:
    """Return a JPEG whose header says that it is so large."""
    data = bytearray(picture(scenery(64, 64), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def gif_of(width: int, height: int) -> bytes:
    data = bytearray(picture(scenery(64, 64), "GIF"))
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


BOMBS = {
    "a PNG of 900 megapixels": png(30_000, 30_000, bytes(1000)),
    "a PNG of 4 exapixels": png(2**31 - 1, 2**31 - 1, bytes(1000)),
    "a JPEG of 100 megapixels": jpeg_of(10_000, 10_000),
    "a JPEG of 4 gigapixels": jpeg_of(65_535, 65_535),
    "a GIF of 4 gigapixels": gif_of(65_535, 65_535),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_by_its_header(pool: DecoderPool, tmp_path: Path, name: str) -> None:
    assert outcome(pool, tmp_path, BOMBS[name]) == "too-many-pixels"


def test_a_picture_just_below_the_limit_is_read_within_the_memory_that_there_is(
    pool: DecoderPool, tmp_path: Path
) -> None:
    rows = (b"\0" + bytes(8000)) * 7999

    assert outcome(pool, tmp_path, png(8000, 7999, rows)) == "image"


def test_a_playlist_opens_no_other_file(pool: DecoderPool, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    lists = [
        f"#EXTM3U\n#EXTINF:1,\nfile://{tmp_path}/secret\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile '{tmp_path}/secret'\n",
    ]

    assert [outcome(pool, tmp_path, one.encode()) for one in lists] == ["text", "text"]


GARBLED = {
    "jpeg": picture(scenery(160, 120), "JPEG"),
    "png": picture(scenery(160, 120), "PNG"),
    "gif": picture(scenery(160, 120), "GIF"),
    "webp": picture(scenery(160, 120), "WEBP"),
    "tiff": picture(scenery(160, 120), "TIFF", compression="tiff_lzw"),
    "jp2": picture(scenery(160, 120), "JPEG2000"),
    "avif": picture(scenery(160, 120), "AVIF"),
    "wav": sound(tone(440)),
    "flac": sound(tone(440), form="flac", codec="flac"),
    "opus": sound(tone(440), form="ogg", codec="libopus", rate_hz=48_000),
    "mp3": sound(tone(440), form="mp3", codec="libmp3lame"),
    "mp4": film(three_scenes(), codec="libx264", samples=tone(440)),
    "avi": film([flat((9, 90, 200))] * 5, form="avi", codec="mjpeg"),
    "webm": film(three_scenes(), form="webm", codec="libvpx-vp9"),
}
KNOWN = {*(reason.value for reason in Reason), "text", "image", "audio", "video"}


@pytest.mark.parametrize("form", GARBLED)
def test_a_file_with_any_bytes_changed_is_read_or_refused_by_type(pool: DecoderPool, tmp_path: Path, form: str) -> None:
    rng = np.random.default_rng(7)
    for share in (0.001, 0.01, 0.1):
        data = np.frombuffer(GARBLED[form], dtype=np.uint8).copy()
        places = rng.integers(16, len(data), max(1, int(share * len(data))))
        data[places] = rng.integers(0, 256, len(places), dtype=np.uint8)

        assert outcome(pool, tmp_path, data.tobytes()) in KNOWN


@pytest.mark.parametrize("seed", range(8))
def test_random_bytes_are_refused(pool: DecoderPool, tmp_path: Path, seed: int) -> None:
    # Two bytes are enough to begin as a frame of MP3.
    assert outcome(pool, tmp_path, np.random.default_rng(seed).bytes(5000)) in {"unsupported", "broken"}


@pytest.mark.parametrize("form", GARBLED)
def test_random_bytes_behind_a_good_beginning_are_refused(pool: DecoderPool, tmp_path: Path, form: str) -> None:
    rubbish = np.random.default_rng(7).bytes(5000)

    found = outcome(pool, tmp_path, GARBLED[form][:16] + rubbish)

    assert found in ({"audio"} if form in {"wav", "mp3"} else set()) | {"broken", "truncated", "unsupported", "empty"}
