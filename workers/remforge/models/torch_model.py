"""What models on torch have in common."""

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from stores.vectors import FloatArray
from workers.remforge.inference import Card, Output
from workers.remforge.models.pretrained import size_of
from workers.remforge.models.torch_device import Place, within_memory


class TorchModel(ABC):
    """A model in memory, on its place. A subclass says in `_run` how a batch goes through it."""

    def __init__(self, card: Card, module: nn.Module, place: Place) -> None:
        """Move the model to its place; raise OutOfMemory."""
        self._place = place
        self._module: Any = within_memory(lambda: module.to(place.device))
        model = card.model.model_copy(update={"device": str(place.device), "dtype": place.dtype_name})
        self._card = replace(card, model=model)
        self._bytes = size_of(module)

    @property
    def card(self) -> Card:
        """Return what it is, with where it runs."""
        return self._card

    @property
    def bytes(self) -> int:
        """Return how much memory its weights take."""
        return self._bytes

    def encode(self, prepared: Any) -> Any:
        """Run a batch that was prepared; raise OutOfMemory."""
        with torch.inference_mode():
            return within_memory(lambda: self._run(prepared))

    def close(self) -> None:
        """Give the memory back."""
        self._module = None
        if self._place.on_gpu:
            torch.cuda.empty_cache()

    @abstractmethod
    def _run(self, prepared: Any) -> Any:
        """Run the module on a batch."""

    def _sendable(self, tensor: Tensor) -> Tensor:
        """Return a tensor that the device can fetch by itself."""
        return tensor.pin_memory() if self._place.on_gpu else tensor

    def _sent(self, tensor: Tensor) -> Tensor:
        return tensor.to(self._place.device, non_blocking=True)


def unit_rows(features: Tensor) -> FloatArray:
    """Return rows of unit length on the CPU: [n, d]."""
    rows: FloatArray = nn.functional.normalize(features.float(), dim=-1).cpu().numpy()
    return rows


def vectors(rows: FloatArray) -> list[Output]:
    """Return an output for each row."""
    return [Output(vector=row.copy()) for row in rows]
