"""Pictures of any mode become RGB of eight bits.

Transparent parts are laid over white. 16-bit greys keep their upper eight bits; greys of 32 bits and floats outside
[0, 1] are stretched from their least to their greatest value, with a warning. LAB goes through its D50 profile to
sRGB; CMYK is converted without a profile, as browsers' fallbacks do. Embedded profiles are not applied.
"""

from functools import cache

import numpy as np
from PIL import Image, ImageCms

STRETCHED = "The picture's values have no known range; they were stretched to the full one."
_WHITE = (255, 255, 255, 255)


def to_rgb(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """Return the picture as RGB, and warnings."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image, ()
    if image.mode == "LAB":
        converted = ImageCms.applyTransform(image, _lab_to_srgb())
        return (converted if converted is not None else image), ()
    if image.mode.startswith("I;16"):
        return _grey(np.asarray(image).astype(np.uint16) >> np.uint16(8)), ()
    if image.mode in {"I", "F"}:
        return _wide(np.asarray(image))
    if image.mode in {"RGBA", "RGBa", "LA", "La", "PA"} or "transparency" in image.info:
        clear = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", clear.size, _WHITE), clear).convert("RGB"), ()
    return image.convert("RGB"), ()


@cache
def _lab_to_srgb() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")


def _grey(values: np.ndarray[tuple[int, ...], np.dtype[np.uint16]]) -> Image.Image:
    return Image.fromarray(values.astype(np.uint8)).convert("RGB")


def _wide(values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> tuple[Image.Image, tuple[str, ...]]:
    warnings: tuple[str, ...] = ()
    floats = values.astype(np.float32)
    finite = np.isfinite(floats)
    if not finite.all():
        warnings = ("Values of the picture that are no numbers were taken as zero.",)
        floats = np.where(finite, floats, np.float32(0))
    low, high = float(floats.min()), float(floats.max())
    if values.dtype.kind == "f" and low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif values.dtype.kind == "i" and low >= 0 and high <= 0xFFFF:
        low, high = 0.0, 65535.0 if high > 0xFF else 255.0
    else:
        warnings = (*warnings, STRETCHED)
    span = max(high - low, 1e-30)
    return Image.fromarray(np.rint((floats - low) / span * 255).astype(np.uint8)).convert("RGB"), warnings
