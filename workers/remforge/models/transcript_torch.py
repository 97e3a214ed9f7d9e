"""What is said in a recording: Whisper (Radford et al., 2022), always the likeliest next token, in the language it hears.

Whisper hears 30 s at a time. A longer recording is cut where it is quietest in the last 5 s of each window.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from workers.remforge.decoding import RATE_HZ, Samples
from workers.remforge.inference import Card, Item, Output
from workers.remforge.models.items import samples_of
from workers.remforge.models.model_folder import ModelFolder
from workers.remforge.models.pretrained import load_model, load_processor
from workers.remforge.models.torch_device import Place
from workers.remforge.models.torch_model import TorchModel

WINDOW = 30 * RATE_HZ
SEARCHED = 5 * RATE_HZ
FRAME = RATE_HZ // 10
SILENCE = 1e-3
"""Root mean square, 60 dB below full scale: a window that is quieter is not listened to; Whisper would make words up."""
MOST_TOKENS = 224
"""Of a window: nobody says more in 30 s, and a model that repeats itself ends there."""
GROUP = {"cpu": 1, "cuda": 8}
BUDGET = {"cpu": 2 * WINDOW, "cuda": 32 * WINDOW}


@dataclass(frozen=True, slots=True)
class _Heard:
    """Features of windows [windows, mels, frames], and which recording each belongs to."""

    features: Tensor
    rows: tuple[int, ...]
    recordings: int


class TorchTranscripts(TorchModel):
    """Samples at 16 kHz to texts."""

    def __init__(self, card: Card, folder: ModelFolder, place: Place) -> None:
        """Load a model that writes down what it hears."""
        model = load_model("AutoModelForSpeechSeq2Seq", folder, place)
        super().__init__(card, model, place)
        self._extractor = load_processor("AutoFeatureExtractor", folder)
        self._tokenizer = load_processor("AutoTokenizer", folder)
        self._most = min(MOST_TOKENS, model.config.max_target_positions - 8)
        several = bool(getattr(model.generation_config, "is_multilingual", False))
        self._asked = {"task": "transcribe"} if several else {}

    def bucket(self, item: Item) -> int:  # noqa: ARG002 - all windows are of one size
        """Return the same for all recordings."""
        return WINDOW

    def cost(self, item: Item) -> int:
        """Return how many samples its windows are."""
        return -(-len(item) // WINDOW) * WINDOW

    @property
    def budget(self) -> int:
        """Return how many samples a batch may have."""
        return BUDGET[self._place.device.type]

    def prepare(self, items: Sequence[Item]) -> _Heard:
        """Return the spectra of all windows that are not silent."""
        found = [(row, window) for row, item in enumerate(items) for window in windows(samples_of(item))]
        loud = [(row, window) for row, window in found if np.sqrt(np.mean(np.square(window))) >= SILENCE]
        features = torch.empty(0)
        if loud:
            made = self._extractor([window for _, window in loud], sampling_rate=RATE_HZ, return_tensors="np")
            features = torch.from_numpy(np.asarray(made["input_features"], np.float32))
        return _Heard(self._sendable(features), tuple(row for row, _ in loud), len(items))

    def finish(self, raw: Sequence[Sequence[Sequence[int]]]) -> list[Output]:
        """Return the text of each recording."""
        texts = []
        for windows_ids in raw:
            parts = self._tokenizer.batch_decode(windows_ids, skip_special_tokens=True) if windows_ids else []
            texts.append(" ".join(part.strip() for part in parts if part.strip()))
        return [Output(text=text) for text in texts]

    def _run(self, prepared: _Heard) -> list[list[list[int]]]:
        written: list[list[list[int]]] = [[] for _ in range(prepared.recordings)]
        size = GROUP[self._place.device.type]
        for start in range(0, len(prepared.rows), size):
            features = self._sent(prepared.features[start : start + size]).to(self._place.dtype)
            ids = self._module.generate(
                features,
                do_sample=False,
                num_beams=1,
                return_timestamps=False,
                max_new_tokens=self._most,
                **self._asked,
            )
            for row, window_ids in zip(prepared.rows[start : start + size], ids.tolist(), strict=True):
                written[row].append(window_ids)
        return written


def windows(samples: Samples) -> list[Samples]:
    """Return the recording in parts of at most 30 s, cut at the quietest 100 ms where a cut is due."""
    parts = []
    while len(samples) > WINDOW:
        searched = samples[WINDOW - SEARCHED : WINDOW].reshape(-1, FRAME)
        quietest = int(np.square(searched).mean(axis=1).argmin())
        cut = WINDOW - SEARCHED + quietest * FRAME + FRAME // 2
        parts.append(samples[:cut])
        samples = samples[cut:]
    return [*parts, samples]
