"""Containers of sound and video, opened by FFmpeg: one demuxer by the file's kind, decoders that are listed, no other file."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, NoReturn, TypeVar

import av

from workers.remforge.media.ends import ends_early
from workers.remforge.media.kinds import Kind
from workers.remforge.media.limits import MAX_FRAME_PIXELS
from workers.remforge.media.reasons import Reason, refused

PROBE_BYTES = 5_000_000
_PICTURES = (
    "h264 hevc vp8 vp9 libdav1d av1 mpeg4 mpeg1video mpeg2video mjpeg theora h263 flv prores dvvideo wmv1 "
    "wmv2 wmv3 vc1 msmpeg4v2 msmpeg4v3 png rawvideo gif"
)
_SOUNDS = (
    "aac aac_latm mp3 mp3float mp2 mp2float mp1 mp1float vorbis opus libopus flac alac ac3 eac3 wmav1 "
    "wmav2 wmapro amrnb amrwb gsm gsm_ms adpcm_ms adpcm_ima_wav adpcm_ima_qt adpcm_yamaha pcm_u8 pcm_s8 "
    "pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_s32be pcm_f32le pcm_f32be pcm_f64le pcm_f64be "
    "pcm_alaw pcm_mulaw"
)
DECODERS = frozenset([*_PICTURES.split(), *_SOUNDS.split()])
"""By FFmpeg's names: what cameras, phones, recorders and the web make."""
_OTHER = {
    "video/mp4": "audio/mp4",
    "video/quicktime": "audio/mp4",
    "video/3gpp": "audio/3gpp",
    "audio/ogg": "video/ogg",
    "video/x-matroska": "audio/x-matroska",
    "video/webm": "audio/webm",
    "video/x-ms-asf": "audio/x-ms-wma",
}

# What PyAV raises on files that are not as they should be: FFmpeg's errors, those of reading where there is nothing, and
# of streams and formats that are not what was announced. Memory that runs out is FFmpeg's error too, and told apart.
FAULTS = (av.FFmpegError, OSError, ValueError, IndexError, OverflowError)

T = TypeVar("T")
Container = Any
Stream = Any
Packet = Any
Frame = Any


@contextmanager
def opened(file: BinaryIO, kind: Kind) -> Iterator[Container]:
    """Open a file of a kind that FFmpeg reads, at its beginning; raise InvalidInput."""
    file.seek(0)
    options = {
        "probesize": str(PROBE_BYTES),
        "analyzeduration": "5000000",
        # Playlists and references are files of their own, and none of ours to open.
        "protocol_whitelist": "none",
        "codec_whitelist": ",".join(sorted(DECODERS)),
        "max_pixels": str(MAX_FRAME_PIXELS),
    }
    with translated(file, kind):
        container = av.open(file, format=kind.form, options=options, metadata_errors="replace", io_open=_no_other)
    try:
        yield container
    finally:
        container.close()


@contextmanager
def translated(file: BinaryIO, kind: Kind) -> Iterator[None]:
    """Turn what FFmpeg raises into InvalidInput."""
    try:
        yield
    except MemoryError:
        raise
    except FAULTS as error:
        if ends_early(file, kind.form):
            raise refused(
                Reason.TRUNCATED, f"The file ends before it says what is in it ({kind.media_type})."
            ) from error
        raise refused(Reason.BROKEN, f"The file cannot be read as {kind.media_type}.") from error


def streams(container: Container) -> tuple[Stream | None, Stream | None]:
    """Return the first video, covers of albums apart, and the first sound; raise InvalidInput where none can be decoded."""
    videos = [one for one in container.streams.video if not _is_cover(one)]
    sounds = list(container.streams.audio)
    video = next((one for one in videos if _decodable(one)), None)
    sound = next((one for one in sounds if _decodable(one)), None)
    if video is None and sound is None:
        if videos or sounds:
            raise refused(Reason.UNSUPPORTED, "The file's sound and pictures are coded in a way that is not read.")
        raise refused(Reason.UNSUPPORTED, "The file holds neither sound nor pictures.")
    return video, sound


def true_type(kind: Kind, video: Stream | None) -> str:
    """Return the media type of a container that has a video, or has none."""
    if (video is None) != kind.media_type.startswith("audio/"):
        return _OTHER.get(kind.media_type, kind.media_type)
    return kind.media_type


def packets(container: Container, stream: Stream) -> Iterator[Packet]:
    """Yield a stream's packets up to where the file can no longer be read; the last one flushes the decoder."""
    try:
        yield from container.demux(stream)
    except MemoryError:
        raise
    except FAULTS:
        return


def decoded(packet: Packet) -> list[Frame] | None:
    """Return the frames of a packet, or None where it is broken."""
    return attempted(lambda: list(packet.decode()))


def attempted(work: Callable[[], T]) -> T | None:
    """Return what comes of some work on a part of a file, or None where the part is broken."""
    try:
        return work()
    except MemoryError:
        raise
    except FAULTS:
        return None


def seconds(container: Container, stream: Stream) -> float | None:
    """Return how long a stream says that it is."""
    if stream.duration and stream.time_base:
        length = float(stream.duration * stream.time_base)
    elif container.duration:
        length = container.duration / av.time_base
    else:
        return None
    return length if 0 < length < math.inf else None


def _decodable(stream: Stream) -> bool:
    return stream.codec_context is not None and stream.codec_context.name in DECODERS


def _is_cover(stream: Stream) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _no_other(url: str, flags: int, options: dict[str, str]) -> NoReturn:
    del flags, options
    raise PermissionError(f"A file of sound or video opens no other: {url[:100]!r}")
