import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.workers.remforge.models.conftest import Tiny
from workers.remforge.inference import Role
from workers.remforge.models.affect_torch import TorchAffect
from workers.remforge.models.clip_torch import TorchCaptions, TorchImages
from workers.remforge.models.families import known
from workers.remforge.models.model import Loader, ModelUnavailable, Spec
from workers.remforge.models.model_folder import open_folder
from workers.remforge.models.precision import load_within_range
from workers.remforge.models.sound_torch import TorchSounds
from workers.remforge.models.torch_device import Place

PLACES = [Place(torch.device("cpu"), dtype) for dtype in (torch.float16, torch.bfloat16)]
KINDS = [
    pytest.param("clip", Role.IMAGE, TorchImages, "visual_projection.weight", id="pictures"),
    pytest.param("clip", Role.CAPTION, TorchCaptions, "text_projection.weight", id="captions"),
    pytest.param("deberta", Role.AFFECT, TorchAffect, "classifier.weight", id="classes"),
    pytest.param("wav2vec2", Role.SOUND, TorchSounds, "encoder.layer_norm.weight", id="sounds"),
]


def changed(folder: Path, to: Path, name: str, factor: float) -> Path:
    """Return a copy of a model whose weights of one name are larger."""
    shutil.copytree(folder, to)
    weights = load_file(to / "model.safetensors")
    weights[name] *= factor
    save_file(weights, to / "model.safetensors", {"format": "pt"})
    return to


@pytest.mark.parametrize(("name", "role", "kind", "weight"), KINDS)
@pytest.mark.parametrize(("factor", "dtype"), [(1.0, "float16"), (1e7, "bfloat16")])
def test_a_model_whose_numbers_half_precision_cannot_hold_is_run_in_another(
    factor: float,
    dtype: str,
    *,
    name: str,
    role: Role,
    kind: Any,
    weight: str,
    tiny: Tiny,
    tmp_path: Path,
    loader: Loader,
) -> None:
    path = changed(tiny(name), tmp_path / name, weight, factor)
    folder = open_folder(path, name=name)
    assert known(role, folder)

    model = load_within_range(kind, loader.card(Spec(role, str(path))), folder, PLACES)

    assert model.card.model.dtype == dtype


@pytest.mark.parametrize(("name", "role", "kind", "weight"), KINDS)
def test_damaged_weights_are_found_when_they_are_loaded(
    name: str, role: Role, kind: Any, weight: str, *, tiny: Tiny, tmp_path: Path, loader: Loader
) -> None:
    path = changed(tiny(name), tmp_path / name, weight, np.nan)
    assert kind

    with pytest.raises(ModelUnavailable, match="not finite"):
        loader.load(Spec(role, str(path)), device="cpu")
