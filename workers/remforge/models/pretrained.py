"""Loads what the transformers library knows how to load, from a folder on this machine, running no code of the folder's."""

import warnings
from importlib import import_module
from typing import Any

from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from torch import nn

from workers.remforge.models.model import ModelUnavailable
from workers.remforge.models.model_folder import ModelFolder, first_line
from workers.remforge.models.torch_device import Place

EAGER = ("deberta", "deberta-v2", "mpnet", "wavlm")
"""Families whose attention is not of the kind that torch has a kernel for."""
UNUSED = ("masked_spec_embed", "position_ids")
"""Weights that may be missing: they are for training, or computed."""
WRONG = (
    *(OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError, ImportError),
    *(ArithmeticError, AssertionError, SafetensorError, StrictDataclassError),
)
"""What the library raises where a folder is not as it should be."""


def _library() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Of the library's own making.
        library = import_module("transformers")
    library.logging.set_verbosity_error()
    library.logging.disable_progress_bar()
    return library


transformers: Any = _library()


def load_model(kind: str, folder: ModelFolder, place: Place) -> Any:
    """Return a model of the library's class `kind` on the CPU, in the place's dtype; raise ModelUnavailable.

    One that lacks weights is refused: the library would make them up.
    """
    try:
        model, found = getattr(transformers, kind).from_pretrained(
            folder.path,
            dtype=place.dtype,
            attn_implementation="eager" if folder.model_type in EAGER else "sdpa",
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
        )
    except WRONG as error:
        message = f"{folder.name} cannot be loaded: {first_line(error)}"
        raise ModelUnavailable(message) from error
    missing = [name for name in sorted(found["missing_keys"]) if not name.endswith(UNUSED)]
    if missing:
        message = f"{folder.name} lacks weights that its configuration promises: {', '.join(missing[:3])}."
        raise ModelUnavailable(message)
    return model.eval().requires_grad_(requires_grad=False)


def load_processor(kind: str, folder: ModelFolder) -> Any:
    """Return a tokenizer or feature extractor of a folder; raise ModelUnavailable."""
    try:
        return getattr(transformers, kind).from_pretrained(folder.path, local_files_only=True, trust_remote_code=False)
    except WRONG as error:
        message = f"{folder.name} has nothing that {kind} can read: {first_line(error)}"
        raise ModelUnavailable(message) from error


def size_of(model: nn.Module) -> int:
    """Return how many bytes a model's weights take."""
    return sum(one.numel() * one.element_size() for one in (*model.parameters(), *model.buffers()))
