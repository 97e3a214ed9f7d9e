import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from bench.random_models import change_config, make_deberta
from tests.workers.remforge.models.conftest import Tiny
from tests.workers.remforge.tiny_models import make_wav2vec2
from workers.remforge.inference import Role
from workers.remforge.models.loading import make_loader
from workers.remforge.models.model import Loader, ModelUnavailable, Spec
from workers.remforge.models.safetensors_file import count_numbers, read_number

WEIGHTS = "model.safetensors"
Spoil = Callable[[Path], object]


def change(name: str, **changes: Any) -> Spoil:
    def spoil(folder: Path) -> None:
        path = folder / name
        content = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps({**content, **changes}))

    return spoil


def change_part(part: str, **changes: Any) -> Spoil:
    def spoil(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text())
        change_config(folder, **{part: {**config[part], **changes}})

    return spoil


def without(name: str) -> Spoil:
    return lambda folder: (folder / name).unlink()


def as_pickle(folder: Path) -> None:
    torch.save(load_file(folder / WEIGHTS), folder / "pytorch_model.bin")
    (folder / WEIGHTS).unlink()


def without_a_weight(folder: Path) -> None:
    weights = load_file(folder / WEIGHTS)
    del weights["visual_projection.weight"]
    save_file(weights, folder / WEIGHTS, {"format": "pt"})


def of_another_shape(folder: Path) -> None:
    weights = load_file(folder / WEIGHTS)
    weights["visual_projection.weight"] = weights["visual_projection.weight"][:-1].clone()
    save_file(weights, folder / WEIGHTS, {"format": "pt"})


def cut(folder: Path) -> None:
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(content[: len(content) // 2])


@pytest.fixture
def copy(tiny: Tiny, tmp_path: Path) -> Callable[[str], Path]:
    """Return a tiny model that may be changed."""
    return lambda name: Path(shutil.copytree(tiny(name), tmp_path / name))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        pytest.param(without("config.json"), "no config.json", id="no configuration"),
        pytest.param(
            lambda folder: (folder / "config.json").write_text("{"), "cannot be read", id="half a configuration"
        ),
        pytest.param(lambda folder: (folder / "config.json").write_text("[]"), "no table", id="a list"),
        pytest.param(lambda folder: (folder / "config.json").write_text("[" * 10**6), "cannot be read", id="nested"),
        pytest.param(lambda folder: (folder / "config.json").write_bytes(b" " * 9 * 2**20), "at most 8 MiB", id="long"),
        pytest.param(without(WEIGHTS), "no weights in safetensors", id="no weights"),
        pytest.param(as_pickle, "pytorch_model.bin may run code", id="a pickle"),
        pytest.param(change("config.json", auto_map={"AutoModel": "code.Model"}), "code of its own", id="code"),
        pytest.param(
            change("tokenizer_config.json", auto_map={"AutoTokenizer": ["a.B", None]}), "auto_map", id="code 2"
        ),
        pytest.param(change("adapter_config.json", base_model_name_or_path="other/model"), "adapter", id="an adapter"),
        pytest.param(change("config.json", quantization_config={"bits": 4}), "quantized", id="quantized"),
        pytest.param(change("config.json", model_type="gpt2"), "takes clip, siglip", id="another family"),
        pytest.param(change("config.json", projection_dim=10**7), "projection_dim = 10000000", id="too wide"),
        pytest.param(change_part("vision_config", num_hidden_layers=10**6), "num_hidden_layers", id="too deep"),
        pytest.param(change_part("vision_config", hidden_size=-3), "hidden_size = -3", id="less than nothing"),
        pytest.param(change_part("vision_config", image_size=64), "looks at 64 pixels", id="another size"),
        pytest.param(change_part("vision_config", patch_size=0), "patches", id="no patches"),
        pytest.param(change_part("vision_config", patch_size=10**9), "patches", id="one patch and more"),
        pytest.param(without("processor_config.json"), "how it wants its pictures", id="no preprocessing"),
        pytest.param(change("processor_config.json", image_processor={"crop_size": "big"}), "not known here", id="odd"),
        pytest.param(without_a_weight, "lacks weights", id="a weight is missing"),
        pytest.param(of_another_shape, "cannot be loaded", id="a weight of another shape"),
        pytest.param(cut, "cannot be loaded", id="half the weights"),
        pytest.param(
            lambda folder: (folder / WEIGHTS).write_bytes(b"\xff" * 100), "cannot be read", id="no weights at all"
        ),
        pytest.param(lambda folder: (folder / WEIGHTS).write_bytes(b""), "cannot be read", id="an empty file"),
    ],
)
def test_a_folder_that_is_not_as_it_should_be_is_refused_with_the_reason(
    spoil: Spoil, told: str, copy: Callable[[str], Path], loader: Loader
) -> None:
    folder = copy("clip")
    spec = Spec(Role.IMAGE, str(folder))
    loader.load(spec, device="cpu")

    spoil(folder)

    with pytest.raises(ModelUnavailable, match=told):
        loader.load(spec, device="cpu")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"architectures": ["DebertaV2Model"]}, "no head that classifies"),
        ({"id2label": {"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"}}, "what its classes are called"),
        ({"problem_type": "regression"}, "not classes"),
        ({"id2label": {"0": "valence"}}, "not classes"),
        ({"id2label": None}, "not classes"),
    ],
)
def test_a_head_must_say_what_it_tells_apart(
    changes: dict[str, object], told: str, copy: Callable[[str], Path], loader: Loader
) -> None:
    folder = copy("deberta")
    change_config(folder, **changes)

    with pytest.raises(ModelUnavailable, match=told):
        loader.card(Spec(Role.AFFECT, str(folder)))


def test_a_tokenizer_that_cannot_be_read_is_told(copy: Callable[[str], Path], loader: Loader) -> None:
    folder = copy("deberta")
    (folder / "tokenizer.json").write_text('{"version": "1.0"}')

    with pytest.raises(ModelUnavailable, match="AutoTokenizer"):
        loader.load(Spec(Role.AFFECT, str(folder)), device="cpu")


def test_a_model_of_another_rate_is_refused(tmp_path: Path, loader: Loader) -> None:
    make_wav2vec2(tmp_path / "model", rate=48_000)

    with pytest.raises(ModelUnavailable, match="48000 Hz"):
        loader.card(Spec(Role.SOUND, str(tmp_path / "model")))


def test_models_of_tests_are_refused_elsewhere(tiny: Tiny) -> None:
    loader = make_loader(offline=True, allow_test_models=False, cache_dir=None, threads=1)
    spec = Spec(Role.IMAGE, str(tiny("clip")))

    for use in (loader.card, loader.needed_bytes):
        with pytest.raises(ModelUnavailable, match="dasein_test"):
            use(spec)
    with pytest.raises(ModelUnavailable, match="dasein_test"):
        loader.load(spec, device="cpu")


@pytest.mark.parametrize("role", [Role.LABELS, Role.SPEECH, Role.SENTENCES])
def test_a_folder_cannot_serve_a_role_of_level_lite(role: Role, tiny: Tiny, loader: Loader) -> None:
    with pytest.raises(ModelUnavailable, match="served by a wheel"):
        loader.card(Spec(role, str(tiny("clip"))))


@pytest.mark.parametrize("library", ["torch", "transformers"])
def test_a_library_that_is_not_installed_is_named_with_what_installs_it(
    library: str, tiny: Tiny, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = Spec(Role.IMAGE, str(tiny("clip")))
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(ModelUnavailable, match=rf"{library} .*dasein\[gpu\], or requirements/gpu.lock"):
        loader.card(spec)


def test_the_digest_covers_weights_configuration_and_tokenizer_and_no_more(
    copy: Callable[[str], Path], loader: Loader
) -> None:
    folder = copy("clip")
    spec = Spec(Role.IMAGE, str(folder))

    first = loader.card(spec).model
    (folder / "README.md").write_text("words")
    assert loader.card(spec).model.sha256 == first.sha256
    seen = {first.sha256}
    for name in ("config.json", "tokenizer.json", "processor_config.json"):
        (folder / name).write_text((folder / name).read_text() + " ")
        seen.add(loader.card(spec).model.sha256)
    weights = load_file(folder / WEIGHTS)
    weights["logit_scale"] += 1
    save_file(weights, folder / WEIGHTS, {"format": "pt"})
    seen.add(loader.card(spec).model.sha256)

    assert len(seen) == 5
    assert first.version == first.sha256[:12]
    assert first.name == "clip"


@pytest.mark.parametrize(
    ("files", "licence"),
    [
        ({}, None),
        ({"README.md": "---\nlanguage: en\nlicense: apache-2.0\n---\n# Model"}, "apache-2.0"),
        ({"README.md": '---\nlicense: "mit" # yes\n---\n'}, "mit"),
        ({"README.md": "# Model\nlicense: mit"}, None),
        ({"LICENSE": "\n  MIT License\n\nCopyright"}, "MIT License"),
        ({"LICENSE.txt": "Apache License", "README.md": "---\nlicense: other\n---\n"}, "other"),
        ({"LICENSE": "\xff\x00\n" * 10}, "\xff\x00"),
    ],
)
def test_the_licence_is_what_the_models_card_or_licence_says(
    files: dict[str, str], licence: str | None, copy: Callable[[str], Path], loader: Loader
) -> None:
    folder = copy("deberta")
    for name, content in files.items():
        (folder / name).write_text(content)

    assert loader.card(Spec(Role.AFFECT, str(folder))).model.licence == licence


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_a_header_says_how_many_numbers_there_are(dtype: torch.dtype, tmp_path: Path) -> None:
    weights = {
        "text.a": torch.zeros((3, 4), dtype=dtype),
        "text.b": torch.zeros(5, dtype=dtype),
        "image.a": torch.zeros((2, 2, 2), dtype=dtype),
        "scale": torch.tensor(-1.5, dtype=dtype),
    }
    save_file(weights, tmp_path / WEIGHTS)

    files = [tmp_path / WEIGHTS]

    assert count_numbers(files) == 12 + 5 + 8 + 1
    assert count_numbers(files, parts=("text.",)) == 17
    assert read_number(files, "scale") == -1.5
    assert read_number(files, "other") is None
    assert read_number(files, "text.a") is None


def test_weights_may_be_in_several_files(tmp_path: Path, loader: Loader) -> None:
    folder = tmp_path / "model"
    make_deberta(folder, labels=["joy", "fear"])
    spec = Spec(Role.AFFECT, str(folder))
    model = loader.load(spec, device="cpu")
    whole = model.finish(model.encode(model.prepare(["a text"])))
    needed, weights = loader.needed_bytes(spec), load_file(folder / WEIGHTS)
    (folder / WEIGHTS).unlink()
    names = sorted(weights)
    table = {}
    for part, share in enumerate(np.array_split(names, 2), start=1):
        file = f"model-0000{part}-of-00002.safetensors"
        save_file({str(name): weights[str(name)] for name in share}, folder / file, {"format": "pt"})
        table.update({str(name): file for name in share})
    index = {"metadata": {"total_size": needed}, "weight_map": table}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))

    model = loader.load(spec, device="cpu")

    assert model.finish(model.encode(model.prepare(["a text"]))) == whole
    assert loader.needed_bytes(spec) == needed
