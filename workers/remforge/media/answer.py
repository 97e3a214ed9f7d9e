"""What was read of a file, as a frame and the bytes after it, and back, checked against what was asked."""

from collections.abc import Callable

import numpy as np
from pydantic import ValidationError

from workers.remforge.decoding import Decoded, Pixels, Samples, View, Wanted
from workers.remforge.media.wire import Found, Nonsense, framed


def packed(decoded: Decoded, wanted: Wanted) -> list[bytes | memoryview]:
    """Return the frame, then text, samples and views in the order in which they were asked for."""
    text = None if decoded.text is None else decoded.text.encode()
    views = [np.ascontiguousarray(decoded.views[view]) for view in wanted.views if view in decoded.views]
    found = Found(
        modality=decoded.modality,
        media_type=decoded.media_type,
        image=decoded.image,
        audio=decoded.audio,
        video=decoded.video,
        warnings=decoded.warnings,
        text_bytes=None if text is None else len(text),
        samples=None if decoded.samples is None else len(decoded.samples),
        pictures=len(views[0]) if views else 0,
    )
    parts: list[bytes | memoryview] = [framed(found)]
    if text is not None:
        parts.append(text)
    if decoded.samples is not None:
        parts.append(np.ascontiguousarray(decoded.samples).data)
    return [*parts, *(view.data for view in views)]


def unpacked(said: bytes, wanted: Wanted, fill: Callable[[memoryview], None]) -> Decoded:
    """Return what a child found; `fill` receives what follows its frame. Raise Nonsense where it is not what was asked."""
    try:
        found = Found.model_validate_json(said)
    except ValidationError as error:
        raise Nonsense(str(error)) from error
    if found.samples is not None and (not wanted.samples or found.audio is None):
        raise Nonsense("samples that nobody asked for")
    if found.pictures != _pictures(found, wanted):
        raise Nonsense("not as many pictures as there should be")
    text = _text(found.text_bytes, fill)
    samples = _samples(found.samples, fill)
    return Decoded(
        found.modality,
        found.media_type,
        text=text,
        image=found.image,
        audio=found.audio,
        video=found.video,
        views={view: _view(view, found.pictures, fill) for view in wanted.views} if found.pictures else {},
        samples=samples,
        warnings=found.warnings,
    )


def _pictures(found: Found, wanted: Wanted) -> int:
    if not wanted.views:
        return 0
    if found.image is not None:
        return 1
    return 0 if found.video is None else len(found.video.keyframes)


def _text(count: int | None, fill: Callable[[memoryview], None]) -> str | None:
    if count is None:
        return None
    space = bytearray(count)
    fill(memoryview(space))
    try:
        return space.decode()
    except UnicodeDecodeError as error:
        raise Nonsense("a text that is not UTF-8") from error


def _samples(count: int | None, fill: Callable[[memoryview], None]) -> Samples | None:
    if count is None:
        return None
    space = np.empty(count, dtype=np.float32)
    fill(space.data.cast("B"))
    # One that is no number would spoil the batch that it goes into.
    if not (np.abs(space) <= 1).all():
        raise Nonsense("samples beyond full scale")
    return space


def _view(view: View, count: int, fill: Callable[[memoryview], None]) -> Pixels:
    space = np.empty((count, view.crop, view.crop, 3), dtype=np.uint8)
    fill(space.data.cast("B"))
    return space
