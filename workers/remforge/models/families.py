"""Which models can serve a role, and what their configurations say of them. Nothing is loaded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp
from typing import Any

from workers.remforge.decoding import RATE_HZ, View
from workers.remforge.inference import Role
from workers.remforge.models.model import ModelUnavailable
from workers.remforge.models.model_folder import ModelFolder
from workers.remforge.models.picture_scaling import scaling_of
from workers.remforge.models.safetensors_file import read_number

CLIP = ("clip", "siglip")
HEADS = (
    *("albert", "bert", "camembert", "deberta", "deberta-v2", "distilbert", "electra", "modernbert", "mpnet"),
    *("roberta", "xlm-roberta"),
)
HEARING = ("hubert", "wav2vec2", "wavlm")
MAX_PATCHES = 5000
"""Of a picture: attention takes their square."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a model before it is loaded."""

    dimensions: int | None = None
    view: View | None = None
    parts: tuple[str, ...] = ("",)
    """How the names of those weights begin that the role needs."""
    scale: float | None = None
    bias: float | None = None


def known(role: Role, folder: ModelFolder) -> Known:
    """Return what a folder's model is in a role; raise ModelUnavailable where it cannot serve it."""
    if role not in ROLES:
        message = f"The role {role} is served by a wheel."
        raise ModelUnavailable(message)
    types, look = ROLES[role]
    if folder.model_type not in types:
        message = f"{folder.name} is of type {folder.model_type}; the role {role} takes {', '.join(types)}."
        raise ModelUnavailable(message)
    return look(folder)


def _image(folder: ModelFolder) -> Known:
    scaling = scaling_of(folder)
    vision = folder.part("vision_config")
    size, patch = vision.get("image_size", 224), vision.get("patch_size", 32 if folder.model_type == "clip" else 16)
    if scaling.view.crop != size:
        message = f"{folder.name} looks at {size} pixels, but its preprocessing makes {scaling.view.crop}."
        raise ModelUnavailable(message)
    if not 0 < patch <= size or (size // patch) ** 2 > MAX_PATCHES:
        message = f"{folder.name} cuts a picture into more than {MAX_PATCHES} patches."
        raise ModelUnavailable(message)
    scale, bias = _scale(folder)
    return Known(_shared_size(folder, vision), scaling.view, ("vision_model.", "visual_projection."), scale, bias)


def _caption(folder: ModelFolder) -> Known:
    scale, bias = _scale(folder)
    size = _shared_size(folder, folder.part("vision_config"))
    return Known(size, None, ("text_model.", "text_projection."), scale, bias)


def _shared_size(folder: ModelFolder, vision: Mapping[str, Any]) -> int:
    if folder.model_type == "clip":
        return int(folder.config.get("projection_dim", 512))
    return int(vision.get("hidden_size", 768))


def _scale(folder: ModelFolder) -> tuple[float | None, float | None]:
    """Return the learned scale and bias of cosines; both are kept as the model was trained, the scale as a logarithm."""
    try:
        scale, bias = (read_number(folder.weights, name) for name in ("logit_scale", "logit_bias"))
    except (OSError, ValueError, TypeError) as error:
        message = f"{folder.name}: its weights cannot be read: {error}"
        raise ModelUnavailable(message) from error
    return (None if scale is None else exp(min(scale, 20.0))), bias


def _affect(folder: ModelFolder) -> Known:
    heads = folder.config.get("architectures") or []
    if not any(str(head).endswith("ForSequenceClassification") for head in heads):
        message = f"{folder.name} has no head that classifies texts."
        raise ModelUnavailable(message)
    names = [str(name) for name in folder.part("id2label").values()]
    if len(names) < 2 or folder.config.get("problem_type") == "regression":
        message = f"{folder.name} predicts numbers on a scale of its own, not classes."
        raise ModelUnavailable(message)
    if any(name.startswith("LABEL_") for name in names):
        message = f"{folder.name} does not say what its classes are called (id2label)."
        raise ModelUnavailable(message)
    return Known()


def _sound(folder: ModelFolder) -> Known:
    _check_rate(folder)
    return Known(int(folder.config.get("hidden_size", 768)))


def _transcript(folder: ModelFolder) -> Known:
    _check_rate(folder)
    return Known()


def _check_rate(folder: ModelFolder) -> None:
    rate = folder.processing("feature_extractor").get("sampling_rate", RATE_HZ)
    if rate != RATE_HZ:
        message = f"{folder.name} hears {rate} Hz; models get {RATE_HZ} Hz."
        raise ModelUnavailable(message)


ROLES: Mapping[Role, tuple[tuple[str, ...], Callable[[ModelFolder], Known]]] = {
    Role.IMAGE: (CLIP, _image),
    Role.CAPTION: (CLIP, _caption),
    Role.AFFECT: (HEADS, _affect),
    Role.SOUND: (HEARING, _sound),
    Role.TRANSCRIPT: (("whisper",), _transcript),
}
