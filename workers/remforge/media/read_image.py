"""Pictures, read by Pillow: what they look like, and their views for models."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image

from jobs.errors import InvalidInput
from jobs.rem import Modality
from workers.remforge.decoding import Decoded, View
from workers.remforge.media.ends import ends_early
from workers.remforge.media.image_measures import measure_image
from workers.remforge.media.kinds import Kind
from workers.remforge.media.limits import DRAFT, MAX_PIXELS, THUMB
from workers.remforge.media.reasons import TOO_COSTLY, Reason, refused
from workers.remforge.media.rgb import to_rgb
from workers.remforge.media.views import cut, reduced, shrunk

# What Pillow's readers raise on files that are not as they should be. Ours are outside of where these are caught.
PARSER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    EOFError,
    RuntimeError,
    struct.error,
    zlib.error,
)
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = 5
"""Orientations from here on exchange width and height."""


def read_image(file: BinaryIO, kind: Kind, views: tuple[View, ...]) -> Decoded:
    """Read a picture, the first one of several; raise InvalidInput.

    A JPEG is decoded at an eighth, a quarter or half of its size where that is enough. A picture that ends early is
    refused, however much of it is there.
    """
    said: list[str] = []
    with _parsing(file, kind, said):
        image = Image.open(file, formats=[kind.form])
        width, height = image.size
    if width * height > MAX_PIXELS:
        raise refused(
            Reason.TOO_MANY_PIXELS, f"A picture has at most {MAX_PIXELS} pixels; this has {width} x {height}."
        )
    shortest = max([view.short for view in views], default=THUMB)
    with _parsing(file, kind, said):
        if getattr(image, "is_animated", False):
            said.append("Of several pictures in the file the first was looked at.")
            image.seek(0)
        image.draft("RGB", (round(DRAFT * shortest),) * 2)
        image.load()
        # Not before: Pillow may load the picture for it, and what it then raises is no matter of EXIF.
        turn = _orientation(image, said)
    picture, odd = to_rgb(reduced(image, shortest))
    said.extend(odd)
    if turn in _TURNS:
        picture = picture.transpose(_TURNS[turn])
    if turn >= _SIDEWAYS:
        width, height = height, width
    measured = measure_image(np.asarray(shrunk(picture, THUMB)), width=width, height=height)
    return Decoded(
        Modality.IMAGE,
        kind.media_type,
        image=measured,
        views={view: cut(picture, view)[None] for view in views},
        warnings=tuple(dict.fromkeys(said)),
    )


def _orientation(image: Image.Image, said: list[str]) -> int:
    try:
        turn = image.getexif().get(ExifTags.Base.Orientation, 1)
    except PARSER_ERRORS:
        said.append("The picture's EXIF data is broken; its orientation is not known.")
        return 1
    return turn if isinstance(turn, int) and 1 <= turn <= max(_TURNS) else 1


@contextmanager
def _parsing(file: BinaryIO, kind: Kind, said: list[str]) -> Iterator[None]:
    """Turn what Pillow raises into InvalidInput, and its warnings into ours."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # Sizes that a file hides from its header, such as those of the pictures in an icon.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            yield
        except InvalidInput:
            raise
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise refused(Reason.TOO_MANY_PIXELS, f"A picture has at most {MAX_PIXELS} pixels.") from error
        except MemoryError as error:
            raise refused(Reason.TOO_COSTLY, TOO_COSTLY) from error
        except PARSER_ERRORS as error:
            if "truncated" in str(error).lower() or ends_early(file, kind.form):
                raise refused(Reason.TRUNCATED, f"The picture ends early ({kind.media_type}).") from error
            raise refused(Reason.BROKEN, f"The picture cannot be read as {kind.media_type}.") from error
    said.extend(f"The picture's file is odd: {str(one.message).strip()[:200]}" for one in caught[:3])
