"""Tiny models in folders of their own, made once for all tests."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bench.random_models import make_clip, make_deberta
from tests.workers.remforge.tiny_models import make_siglip, make_wav2vec2, make_whisper
from workers.remforge.models.loading import make_loader
from workers.remforge.models.model import Loader

# Larger weights than a model begins with: the outputs differ from item to item, and mistakes show.
STRONG: dict[str, Any] = {"initializer_range": 0.5}
MAKERS: dict[str, Callable[[Path], None]] = {
    "clip": make_clip,
    "siglip": make_siglip,
    "deberta": partial(make_deberta, labels=["joy", "sadness", "fear"], **STRONG),
    "several": partial(
        make_deberta, labels=["joy", "sadness", "fear"], problem_type="multi_label_classification", **STRONG
    ),
    "nli": partial(make_deberta, labels=["contradiction", "neutral", "entailment"], **STRONG),
    "wav2vec2": make_wav2vec2,
    "wav2vec2-group": partial(make_wav2vec2, norm="group"),
    "hubert": partial(make_wav2vec2, family="hubert"),
    "wavlm": partial(make_wav2vec2, family="wavlm"),
    "whisper": make_whisper,
}
Tiny = Callable[[str], Path]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """Return the folder of a tiny model, which no test changes."""
    root = tmp_path_factory.mktemp("tiny")

    def folder(name: str) -> Path:
        if not (root / name).exists():
            MAKERS[name](root / name)
        return root / name

    return folder


@pytest.fixture
def loader() -> Loader:
    return make_loader(offline=True, allow_test_models=True, cache_dir=None, threads=1)
