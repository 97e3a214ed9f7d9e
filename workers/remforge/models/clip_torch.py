"""Pictures and texts in one space: CLIP (Radford et al., 2021) and SigLIP (Zhai et al., 2023).

Each of the two roles holds its own half of the model, so that nothing is in memory twice, and either half may go alone.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from stores.vectors import FloatArray
from workers.remforge.inference import Card, Item, Output
from workers.remforge.models.items import pictures_of, text_of
from workers.remforge.models.model_folder import ModelFolder
from workers.remforge.models.picture_scaling import scaling_of
from workers.remforge.models.pretrained import load_model
from workers.remforge.models.torch_device import Place
from workers.remforge.models.torch_model import TorchModel, unit_rows, vectors
from workers.remforge.models.torch_tokens import TextTokens, length

PICTURES = {"cpu": 8, "cuda": 128}
"""In a batch of pictures of 224 by 224."""
TOKENS = {"cpu": 512, "cuda": 16_384}


class TorchImages(TorchModel):
    """Pictures to vectors."""

    def __init__(self, card: Card, folder: ModelFolder, place: Place) -> None:
        """Load the half that looks at pictures."""
        model = load_model("AutoModel", folder, place)
        model.text_model = model.text_projection = None
        super().__init__(card, model, place)
        scaling = scaling_of(folder)
        self._crop = scaling.view.crop
        self._scale, self._offset = (
            torch.tensor(numbers, device=place.device).reshape(3, 1, 1) for numbers in (scaling.scale, scaling.offset)
        )

    def bucket(self, item: Item) -> int:  # noqa: ARG002 - all pictures are of one size
        """Return the same for all pictures."""
        return self._crop

    def cost(self, item: Item) -> int:  # noqa: ARG002 - the same
        """Return how many pixels a picture has."""
        return self._crop**2

    @property
    def budget(self) -> int:
        """Return how many pixels a batch may have."""
        return max(PICTURES[self._place.device.type] * 224**2, self._crop**2)

    def prepare(self, items: Sequence[Item]) -> Tensor:
        """Return bytes [n, crop, crop, 3]: a quarter of what their numbers would take on the way to the device."""
        return self._sendable(torch.from_numpy(pictures_of(items, crop=self._crop)))

    def finish(self, raw: FloatArray) -> list[Output]:
        """Return the rows."""
        return vectors(raw)

    def _run(self, prepared: Tensor) -> FloatArray:
        pixels = self._sent(prepared).permute(0, 3, 1, 2).float() * self._scale + self._offset
        return unit_rows(self._module.get_image_features(pixel_values=pixels.to(self._place.dtype)).pooler_output)


class TorchCaptions(TorchModel):
    """Texts to vectors."""

    def __init__(self, card: Card, folder: ModelFolder, place: Place) -> None:
        """Load the half that reads texts."""
        model = load_model("AutoModel", folder, place)
        model.vision_model = model.visual_projection = None
        super().__init__(card, model, place)
        places = model.config.text_config.max_position_embeddings
        self._tokens = TextTokens(folder, longest=places)
        # SigLIP was trained with all texts padded to one length, and sees the padding.
        self._length = places if folder.model_type == "siglip" else None

    def bucket(self, item: Item) -> int:
        """Return how many tokens the item is padded to at most."""
        return self._length or self._tokens.bucket(self._tokens.of(text_of(item)))

    def cost(self, item: Item) -> int:
        """Return how many tokens the item is: those of about one length go together, and little is padded."""
        return self._length or length(self._tokens.of(text_of(item)))

    @property
    def budget(self) -> int:
        """Return how many tokens a batch may have."""
        return TOKENS[self._place.device.type]

    def prepare(self, items: Sequence[Item]) -> dict[str, Tensor]:
        """Return tokens [n, length]."""
        rows = [self._tokens.of(text_of(item)) for item in items]
        arrays = self._tokens.padded(rows, to=self._length)
        if self._length:
            arrays.pop("attention_mask", None)
        arrays.pop("token_type_ids", None)
        return {name: self._sendable(array) for name, array in arrays.items()}

    def finish(self, raw: FloatArray) -> list[Output]:
        """Return the rows."""
        return vectors(raw)

    def _run(self, prepared: dict[str, Tensor]) -> FloatArray:
        inputs = {name: self._sent(array) for name, array in prepared.items()}
        return unit_rows(self._module.get_text_features(**inputs).pooler_output)
