"""Vectors of sound: Wav2Vec2 (Baevski et al., 2020) and its kin, the mean of their last layer over time.

Recordings are cut into equal windows of at most 30 s. Only windows of one length run together: nothing is padded, so that
no vector depends on its neighbours, whatever a model does with silence at the end.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch

from stores.vectors import FloatArray
from workers.remforge.decoding import RATE_HZ, Samples
from workers.remforge.inference import Card, Item, Output
from workers.remforge.models.items import samples_of
from workers.remforge.models.model_folder import ModelFolder
from workers.remforge.models.pretrained import load_model
from workers.remforge.models.torch_device import Place
from workers.remforge.models.torch_model import TorchModel, unit_rows, vectors

WINDOW = 30 * RATE_HZ
GROUP = {"cpu": 1, "cuda": 8}
"""Windows that run together."""
BUDGET = {"cpu": 2 * WINDOW, "cuda": 16 * WINDOW}
SMALLEST = 1e-7
"""What is added to the variance of a window before it is divided by."""


class TorchSounds(TorchModel):
    """Samples at 16 kHz to vectors."""

    def __init__(self, card: Card, folder: ModelFolder, place: Place) -> None:
        """Load a model that hears."""
        model = load_model("AutoModel", folder, place)
        super().__init__(card, model, place)
        self._scaled = bool(folder.processing("feature_extractor").get("do_normalize", True))
        self._shortest = 1
        for kernel, stride in zip(reversed(model.config.conv_kernel), reversed(model.config.conv_stride), strict=True):
            self._shortest = (self._shortest - 1) * stride + kernel

    def bucket(self, item: Item) -> int:
        """Return the length of the item's windows to the next power of two, in samples."""
        return 1 << (min(len(item), WINDOW) - 1).bit_length()

    def cost(self, item: Item) -> int:
        """Return how many samples it is."""
        return len(item)

    @property
    def budget(self) -> int:
        """Return how many samples a batch may have."""
        return BUDGET[self._place.device.type]

    def prepare(self, items: Sequence[Item]) -> list[list[Samples]]:
        """Return the windows of each recording."""
        return [self._windows(samples_of(item)) for item in items]

    def finish(self, raw: FloatArray) -> list[Output]:
        """Return the rows."""
        return vectors(raw)

    def _windows(self, samples: Samples) -> list[Samples]:
        if len(samples) < self._shortest:
            samples = np.pad(samples, (0, self._shortest - len(samples)))
        windows = np.array_split(samples, -(-len(samples) // WINDOW))
        if not self._scaled:
            return windows
        return [(window - window.mean()) / np.sqrt(window.var() + np.float32(SMALLEST)) for window in windows]

    def _run(self, prepared: Sequence[Sequence[Samples]]) -> FloatArray:
        alike = defaultdict(list)
        for row, windows in enumerate(prepared):
            for window in windows:
                alike[len(window)].append((row, window))
        totals = torch.zeros((len(prepared), self._module.config.hidden_size))
        for group in alike.values():
            for start in range(0, len(group), GROUP[self._place.device.type]):
                part = group[start : start + GROUP[self._place.device.type]]
                together = torch.from_numpy(np.stack([window for _, window in part]))
                heard = self._sent(self._sendable(together)).to(self._place.dtype)
                states = self._module(heard).last_hidden_state.float()
                # The sum over the frames of all windows points where their mean does.
                for (row, _), total in zip(part, states.sum(dim=1).cpu(), strict=True):
                    totals[row] += total
        return unit_rows(totals)
