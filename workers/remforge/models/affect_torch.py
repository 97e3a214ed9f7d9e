"""Classes of texts, by a head that was trained for them, or by asking a model of inference (NLI) about each emotion.

NLI: "This text expresses joy." is entailed or not; the softmax over the sentences' entailment is their shares (Yin et al.,
"Benchmarking Zero-shot Text Classification", EMNLP 2019).
"""

from collections.abc import Sequence
from inspect import signature

import numpy as np
import torch
from torch import Tensor

from stores.vectors import FloatArray
from workers.remforge.inference import Card, Item, Output
from workers.remforge.models.items import text_of
from workers.remforge.models.model_folder import ModelFolder
from workers.remforge.models.pretrained import load_model
from workers.remforge.models.torch_device import Place
from workers.remforge.models.torch_model import TorchModel
from workers.remforge.models.torch_tokens import TextTokens, Tokens, length

EMOTIONS = ("joy", "sadness", "fear", "anger", "surprise", "disgust", "no emotion")
"""Those that Ekman ("An argument for basic emotions", 1992) calls basic, and none."""
TOKENS = {"cpu": 512, "cuda": 16_384}
"""In a batch: on a CPU more of them at once take longer, not less."""


class TorchAffect(TorchModel):
    """Texts to scores of classes, highest first."""

    def __init__(self, card: Card, folder: ModelFolder, place: Place) -> None:
        """Load a model with a head that classifies."""
        model = load_model("AutoModelForSequenceClassification", folder, place)
        super().__init__(card, model, place)
        config = model.config
        names = [str(config.id2label[index]) for index in range(config.num_labels)]
        entailed = [index for index, name in enumerate(names) if name.lower().startswith("entail")]
        self._entailed = entailed[0] if entailed else None
        self._names = EMOTIONS if entailed else names
        # A tokenizer may make more than its model takes.
        self._taken = set(signature(model.forward).parameters)
        self._several = config.problem_type == "multi_label_classification"
        self._tokens = TextTokens(folder, longest=_places(folder, config.max_position_embeddings))

    def bucket(self, item: Item) -> int:
        """Return how many tokens a row of the item is padded to at most."""
        return max(self._tokens.bucket(row) for row in self._rows(item))

    def cost(self, item: Item) -> int:
        """Return how many tokens the item is, all its rows together, each as long as the longest."""
        rows = self._rows(item)
        return len(rows) * max(length(row) for row in rows)

    @property
    def budget(self) -> int:
        """Return how many tokens a batch may have."""
        return TOKENS[self._place.device.type]

    def prepare(self, items: Sequence[Item]) -> dict[str, Tensor]:
        """Return tokens [n * rows, length]."""
        arrays = self._tokens.padded([row for item in items for row in self._rows(item)])
        return {name: self._sendable(array) for name, array in arrays.items() if name in self._taken}

    def finish(self, raw: FloatArray) -> list[Output]:
        """Return the scores of each text; of equal ones, in the order of the classes."""
        outputs = []
        for scores in raw:
            order = np.argsort(-scores, kind="stable")
            outputs.append(Output(scores=tuple((self._names[index], float(scores[index])) for index in order)))
        return outputs

    def _run(self, prepared: dict[str, Tensor]) -> FloatArray:
        inputs = {name: self._sent(array) for name, array in prepared.items()}
        logits = self._module(**inputs).logits.float()
        if self._entailed is not None:
            logits = logits[:, self._entailed].reshape(-1, len(EMOTIONS))
        scores: FloatArray = (torch.sigmoid(logits) if self._several else torch.softmax(logits, -1)).cpu().numpy()
        return scores

    def _rows(self, item: Item) -> list[Tokens]:
        text = text_of(item)
        if self._entailed is None:
            return [self._tokens.of(text)]
        return [self._tokens.of(text, f"This text expresses {emotion}.") for emotion in EMOTIONS]


def _places(folder: ModelFolder, positions: int) -> int:
    """Return how many tokens there are places for: RoBERTa and its kin count them from behind their padding."""
    roberta = folder.model_type in ("camembert", "mpnet", "roberta", "xlm-roberta")
    return positions - (int(folder.config.get("pad_token_id", 1)) + 1 if roberta else 0)
