"""How a model wants a picture: which view, and how the values of pixels become its numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workers.remforge.decoding import View
from workers.remforge.models.model import ModelUnavailable
from workers.remforge.models.model_folder import ModelFolder

MEANS = {"clip": (0.48145466, 0.4578275, 0.40821073), "siglip": (0.5, 0.5, 0.5)}
SPREADS = {"clip": (0.26862954, 0.26130258, 0.27577711), "siglip": (0.5, 0.5, 0.5)}
"""What the library assumes where a file says nothing."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """A number is value * scale + offset, by colour."""

    view: View
    scale: tuple[float, ...]
    offset: tuple[float, ...]


def scaling_of(folder: ModelFolder) -> Scaling:
    """Return what the folder's preprocessing says; raise ModelUnavailable where this is not what it does."""
    processing = folder.processing("image_processor")
    if not processing:
        message = f"{folder.name} does not say how it wants its pictures (preprocessor_config.json)."
        raise ModelUnavailable(message)
    try:
        factor = float(processing.get("rescale_factor", 1 / 255))
        mean, spread = (
            _three(processing.get(name), default[folder.model_type])
            for name, default in (("image_mean", MEANS), ("image_std", SPREADS))
        )
        view = _view(folder.model_type, processing)
        scale = tuple(factor / one for one in spread)
    except (TypeError, ValueError, KeyError, ZeroDivisionError) as error:
        message = f"{folder.name} wants its pictures in a way that is not known here: {error!r}"
        raise ModelUnavailable(message) from error
    return Scaling(view, scale, tuple(-middle / one for middle, one in zip(mean, spread, strict=True)))


def _three(values: Any, default: Sequence[float]) -> tuple[float, ...]:
    numbers = tuple(float(value) for value in (default if values is None else values))
    if len(numbers) != 3:
        raise ValueError("there must be a number for each colour")
    return numbers


def _view(model_type: str, processing: Mapping[str, Any]) -> View:
    """Return the view: SigLIP squeezes pictures into a square, of which the middle is taken here."""
    size = processing.get("size", 224)
    if processing.get("do_center_crop", model_type == "clip"):
        return View(_edge(size), _edge(processing.get("crop_size", 224)))
    return View(_edge(size), _edge(size))


def _edge(size: Any) -> int:
    if isinstance(size, dict):
        edges = {size[name] for name in ("shortest_edge", "height", "width") if name in size}
        if len(edges) != 1:
            raise ValueError("pictures are not square")
        size = edges.pop()
    if not isinstance(size, int) or not 0 < size <= 1024:
        raise ValueError("pictures have no possible size")
    return size
