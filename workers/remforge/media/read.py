"""One file, read and measured as what its content says it is."""

import os
from dataclasses import replace
from typing import BinaryIO

from jobs.errors import InvalidInput
from jobs.rem import Modality
from workers.remforge.decoding import Decoded, Wanted
from workers.remforge.media.claims import mismatches, text_type
from workers.remforge.media.containers import opened, streams, true_type
from workers.remforge.media.ends import ends_early
from workers.remforge.media.kinds import HEAD_BYTES, Kind, Reader, sniff
from workers.remforge.media.limits import FILE_BYTES, MAX_WARNING, MAX_WARNINGS, TEXT_BYTES
from workers.remforge.media.read_image import read_image
from workers.remforge.media.read_sound import Sound, read_sound
from workers.remforge.media.read_text import read_text
from workers.remforge.media.read_video import read_video
from workers.remforge.media.reasons import Reason, refused
from workers.remforge.media.sound_measures import measure_sound


def read(file: BinaryIO, *, name: str, media_type: str, wanted: Wanted) -> Decoded:
    """Read a file that can be sought in; raise InvalidInput with a `reason` of `Reason`."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if not size:
        raise refused(Reason.EMPTY, "The file is empty.")
    if size > FILE_BYTES:
        raise refused(Reason.TOO_LARGE, f"A file has at most {FILE_BYTES} bytes.")
    kind = sniff(file.read(HEAD_BYTES))
    file.seek(0)
    if kind is None:
        found = _text(file, name, media_type)
    elif kind.reader is Reader.PICTURE:
        found = read_image(file, kind, wanted.views)
    elif kind.reader is Reader.CONTAINER:
        found = _container(file, kind, wanted)
    else:
        raise refused(Reason.UNSUPPORTED, f"Files of the type {kind.media_type} are not read.")
    said = (*mismatches(name, media_type, found.media_type), *found.warnings)
    if kind is not None and kind.reader is Reader.CONTAINER and ends_early(file, kind.form):
        said = (*said, "The file ends early; it was read as far as it goes.")
    return replace(found, warnings=tuple(one[:MAX_WARNING] for one in said[:MAX_WARNINGS]))


def _text(file: BinaryIO, name: str, media_type: str) -> Decoded:
    text, warnings = read_text(file.read(TEXT_BYTES + 1))
    return Decoded(Modality.TEXT, text_type(name, media_type), text=text, warnings=warnings)


def _container(file: BinaryIO, kind: Kind, wanted: Wanted) -> Decoded:
    with opened(file, kind) as container:
        video, sound = streams(container)
        media_type = true_type(kind, video)
    if video is None:
        heard = read_sound(file, kind)
        return _heard(media_type, heard, wanted)
    sounding, silent_because = _track(file, kind) if sound is not None else (None, ())
    try:
        film = read_video(file, kind, wanted.views)
    except InvalidInput as error:
        if error.reason != Reason.NO_FRAMES or sounding is None:
            raise
        told = replace(sounding, warnings=(*sounding.warnings, f"Only the sound was read. {error.message}"))
        return _heard(media_type, told, wanted)
    heard_too = None if sounding is None else _heard(media_type, sounding, wanted)
    return Decoded(
        Modality.VIDEO,
        media_type,
        video=film.qualia,
        audio=None if heard_too is None else heard_too.audio,
        views=film.views,
        samples=None if heard_too is None else heard_too.samples,
        warnings=(*film.warnings, *silent_because, *(() if heard_too is None else heard_too.warnings)),
    )


def _track(file: BinaryIO, kind: Kind) -> tuple[Sound | None, tuple[str, ...]]:
    """Return the sound of a video, or why there is none: its pictures are worth having without."""
    try:
        return read_sound(file, kind), ()
    except InvalidInput as error:
        if error.reason not in {Reason.EMPTY, Reason.BROKEN}:
            raise
        return None, (error.message,)


def _heard(media_type: str, sound: Sound, wanted: Wanted) -> Decoded:
    return Decoded(
        Modality.AUDIO,
        media_type,
        audio=measure_sound(sound.samples, duration_s=sound.duration_s),
        samples=sound.samples if wanted.samples else None,
        warnings=sound.warnings,
    )
