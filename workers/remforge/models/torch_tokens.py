"""Texts as tokens: cut to what a model takes, in buckets of length, padded no further than the longest of a batch."""

from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
import torch
from torch import Tensor

from workers.remforge.models.model import ModelUnavailable
from workers.remforge.models.model_folder import ModelFolder
from workers.remforge.models.pretrained import load_processor

BUCKETS = (32, 64, 128, 256, 512)
REMEMBERED = 4096
"""Texts whose tokens are kept between being put into a bucket and being run."""

Tokens = dict[str, tuple[int, ...]]
"""One row of each input that a model takes."""


class TextTokens:
    """Cuts texts, or pairs of a text and a sentence about it."""

    def __init__(self, folder: ModelFolder, *, longest: int) -> None:
        """Read the folder's tokenizer; `longest` is how many tokens the model has places for."""
        self._tokenizer: Any = load_processor("AutoTokenizer", folder)
        self.longest = min(longest, int(self._tokenizer.model_max_length), BUCKETS[-1])
        if self.longest < 4 or self._tokenizer.pad_token_id is None:
            message = f"{folder.name}'s tokenizer does not say how to pad, or cuts texts to nothing."
            raise ModelUnavailable(message)
        # The library keeps how to cut in the tokenizer itself, for all threads.
        self._lock = Lock()
        self.of = lru_cache(REMEMBERED)(self._of)

    def _of(self, text: str, about: str | None = None) -> Tokens:
        """Return a text's tokens, followed by those of the sentence about it, which is never cut."""
        cut = True if about is None else "only_first"
        with self._lock:
            encoded = self._tokenizer(text, about, truncation=cut, max_length=self.longest)
        return {name: tuple(row) for name, row in encoded.items()}

    def bucket(self, tokens: Tokens) -> int:
        """Return the shortest length of BUCKETS that the tokens fit into, or what the model takes at most."""
        return min(self.longest, next(bucket for bucket in BUCKETS if bucket >= length(tokens)))

    def padded(self, rows: Sequence[Tokens], *, to: int | None = None) -> dict[str, Tensor]:
        """Return rows [n, length] of each input, padded on the right to a length, or to the longest of them."""
        longest = to or max(length(row) for row in rows)
        padding = {"input_ids": self._tokenizer.pad_token_id, "token_type_ids": self._tokenizer.pad_token_type_id}
        arrays = {}
        for name in rows[0]:
            array = np.full((len(rows), longest), padding.get(name, 0), np.int64)
            for line, row in zip(array, rows, strict=True):
                line[: len(row[name])] = row[name]
            arrays[name] = torch.from_numpy(array)
        return arrays


def length(tokens: Tokens) -> int:
    """Return how many tokens there are."""
    return len(tokens["input_ids"])
