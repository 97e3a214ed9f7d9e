"""Finds and loads models: level lite from wheels, without torch; level full from folders and hubs, with it.

Torch is imported with the first model of level full that is loaded, so that a process of level lite stays small.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jobs.rem import Model
from workers.remforge.inference import Card, Role
from workers.remforge.models import labels_onnx, sentences_onnx, speech_onnx
from workers.remforge.models.families import Known, known
from workers.remforge.models.hub import Located, locate
from workers.remforge.models.model import LoadedModel, Loader, ModelUnavailable, Spec
from workers.remforge.models.model_folder import ModelFolder, digest_of, licence_of, open_folder
from workers.remforge.models.safetensors_file import count_numbers
from workers.remforge.models.wheels import LABELS, SENTENCES, SPEECH, WHEEL

LIBRARIES = ("torch", "transformers")
FULL = {
    Role.IMAGE: ("clip_torch", "TorchImages"),
    Role.CAPTION: ("clip_torch", "TorchCaptions"),
    Role.AFFECT: ("affect_torch", "TorchAffect"),
    Role.SOUND: ("sound_torch", "TorchSounds"),
    Role.TRANSCRIPT: ("transcript_torch", "TorchTranscripts"),
}
"""Where the classes of level full are, whose modules import torch."""


@dataclass(frozen=True, slots=True)
class _Wheel:
    role: Role
    card: Callable[[], Card]
    needed_bytes: int
    load: Callable[[Card], LoadedModel]


def make_loader(*, offline: bool, allow_test_models: bool, cache_dir: Path | None, threads: int) -> Loader:
    """Return what loads models.

    `offline`: nothing is fetched. `cache_dir`: where built models are kept, if anywhere. `threads`: of one model on the CPU.
    `allow_test_models`: whether folders marked `dasein_test` may be loaded, which mean nothing.
    """
    return ModelLoader(offline=offline, allow_test_models=allow_test_models, cache_dir=cache_dir, threads=threads)


class ModelLoader:
    """Finds and loads models; may be used by several threads."""

    def __init__(self, *, offline: bool, allow_test_models: bool, cache_dir: Path | None, threads: int) -> None:
        self._offline, self._allow_test_models, self._threads = offline, allow_test_models, threads
        self._digests: dict[tuple[str, int, int], str] = {}
        self._located: dict[str, Located] = {}
        self._wheels: Mapping[str, _Wheel] = {
            LABELS: _Wheel(
                Role.LABELS,
                labels_onnx.labels_card,
                labels_onnx.MEMORY_BYTES,
                lambda card: labels_onnx.OnnxLabels(card, folder=cache_dir, threads=threads),
            ),
            SPEECH: _Wheel(
                Role.SPEECH,
                speech_onnx.speech_card,
                speech_onnx.MEMORY_BYTES,
                lambda card: speech_onnx.OnnxSpeech(card, threads=threads),
            ),
            SENTENCES: _Wheel(
                Role.SENTENCES,
                sentences_onnx.sentences_card,
                sentences_onnx.MEMORY_BYTES,
                lambda card: sentences_onnx.OnnxSentences(card, folder=cache_dir, threads=threads),
            ),
        }

    def card(self, spec: Spec) -> Card:
        """Return what a model is; its files are fetched for that, but not loaded. Raise ModelUnavailable."""
        if spec.source.startswith(WHEEL):
            return self._wheel(spec).card()
        folder, found = self._found(spec)
        return self._card(spec, folder, found)

    def needed_bytes(self, spec: Spec) -> int:
        """Return an estimate of the memory that it will take: on a GPU, half of it."""
        if spec.source.startswith(WHEEL):
            return self._wheel(spec).needed_bytes
        folder, found = self._found(spec)
        try:
            return 4 * count_numbers(folder.weights, parts=found.parts)
        except (OSError, ValueError, TypeError) as error:
            message = f"{folder.name}: its weights cannot be read: {error}"
            raise ModelUnavailable(message) from error

    def load(self, spec: Spec, *, device: str) -> LoadedModel:
        """Load a model onto `cpu` or `cuda:<n>`, one from a wheel onto the CPU; raise ModelUnavailable, or OutOfMemory."""
        if spec.source.startswith(WHEEL):
            wheel = self._wheel(spec)
            return wheel.load(wheel.card())
        folder, found = self._found(spec)
        card = self._card(spec, folder, found)
        module, name = FULL[spec.role]
        kind: Any = getattr(import_module(f"workers.remforge.models.{module}"), name)
        device_module, precision = (
            import_module(f"workers.remforge.models.{name}") for name in ("torch_device", "precision")
        )
        places = device_module.places(device, threads=self._threads)
        model: LoadedModel = precision.load_within_range(kind, card, folder, places)
        return model

    def _wheel(self, spec: Spec) -> _Wheel:
        wheel = self._wheels.get(spec.source.removeprefix(WHEEL))
        if wheel is None or wheel.role != spec.role:
            message = f"There is no wheel {spec.source.removeprefix(WHEEL)} for the role {spec.role}."
            raise ModelUnavailable(message)
        return wheel

    def _found(self, spec: Spec) -> tuple[ModelFolder, Known]:
        absent = [library for library in LIBRARIES if find_spec(library) is None]
        if absent:
            message = (
                f"{' and '.join(absent)} must be installed for level full: pip install dasein[gpu], "
                "or requirements/gpu.lock."
            )
            raise ModelUnavailable(message)
        # Once in a process: a branch of a hub may point elsewhere at any time.
        if spec.source not in self._located:
            self._located[spec.source] = locate(spec.source, offline=self._offline)
        located = self._located[spec.source]
        folder = open_folder(located.path, name=located.name, revision=located.revision)
        if folder.test_only and not self._allow_test_models:
            message = f"{folder.name} was made for tests (dasein_test): what it says means nothing."
            raise ModelUnavailable(message)
        return folder, known(spec.role, folder)

    def _card(self, spec: Spec, folder: ModelFolder, found: Known) -> Card:
        try:
            digest = digest_of(folder, self._digests)
            licence = licence_of(folder)
        except OSError as error:
            message = f"{folder.name} cannot be read: {error}"
            raise ModelUnavailable(message) from error
        version = folder.revision or digest[:12]
        model = Model(name=folder.name, version=version, sha256=digest, licence=licence)
        return Card(
            spec.role,
            model,
            dimensions=found.dimensions,
            view=found.view,
            test_only=folder.test_only,
            scale=found.scale,
            bias=found.bias,
        )
