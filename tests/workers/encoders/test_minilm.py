import subprocess
import sys
from collections.abc import Mapping
from math import erf
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from workers.encoders.encoder_onnx import OnnxMiniLm
from workers.encoders.minilm import MAX_TOKENS, Tokenizer, model_folder

TEXTS = (
    "Which instructions leak the key?",
    "ldrb r3, [r2, r1] at 0x08000123 reads the S-box of aes.c:42.",
    "¿Qué instrucción filtra más energía?",
    "",
)

Array = NDArray[np.float64]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the model once for all tests of this file."""
    folder = tmp_path_factory.mktemp("models")
    OnnxMiniLm(folder, threads=1).encode(["once"])
    return folder


@pytest.fixture
def encoder(kept: Path) -> OnnxMiniLm:
    return OnnxMiniLm(kept, threads=1)


def reference(ids: list[int], weights: Mapping[str, NDArray[np.float32]]) -> Array:
    """Return the vector of one text by the textbook, in double precision."""

    def weight(name: str) -> Array:
        return weights[name].astype(np.float64)

    def linear(states: Array, name: str) -> Array:
        return np.asarray(states @ weight(f"{name}.weight").T + weight(f"{name}.bias"))

    def normal(states: Array, name: str) -> Array:
        centred = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
        return np.asarray(centred / spread * weight(f"{name}.LayerNorm.weight") + weight(f"{name}.LayerNorm.bias"))

    states = (
        weight("embeddings.word_embeddings.weight")[ids]
        + weight("embeddings.position_embeddings.weight")[: len(ids)]
        + weight("embeddings.token_type_embeddings.weight")[0]
    )
    states = normal(states, "embeddings")
    for layer in range(6):
        name = f"encoder.layer.{layer}"
        query, key, value = (
            linear(states, f"{name}.attention.self.{part}").reshape(len(ids), 12, 32)
            for part in ("query", "key", "value")
        )
        scores = np.einsum("ihd,jhd->hij", query, key) / np.sqrt(32)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        seen = np.einsum("hij,jhd->ihd", shares, value).reshape(len(ids), 384)
        states = normal(states + linear(seen, f"{name}.attention.output.dense"), f"{name}.attention.output")
        inner = linear(states, f"{name}.intermediate.dense")
        inner *= 0.5 * (1 + np.vectorize(erf)(inner / np.sqrt(2)))
        states = normal(states + linear(inner, f"{name}.output.dense"), f"{name}.output")
    mean = states.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean))


def test_vectors_are_those_of_a_forward_pass_in_plain_numpy(encoder: OnnxMiniLm) -> None:
    weights = load_file(model_folder() / "model.safetensors")

    vectors = encoder.encode(TEXTS)

    expected = [reference(encoder.tokenizer.ids(text), weights) for text in TEXTS]
    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_a_paraphrase_is_nearer_than_another_subject(encoder: OnnxMiniLm) -> None:
    question, paraphrase, other = encoder.encode(
        [
            "Which instruction consumes the most energy?",
            "What operation uses the largest amount of power?",
            "The museum is closed on Mondays.",
        ]
    )

    assert question @ paraphrase > 0.5
    assert question @ other < 0.2


def test_a_vector_does_not_depend_on_what_is_encoded_beside_it(encoder: OnnxMiniLm) -> None:
    together = encoder.encode(TEXTS)

    alone = np.vstack([encoder.encode([text]) for text in reversed(TEXTS)])

    assert np.array_equal(together, alone[::-1])
    assert encoder.encode([]).shape == (0, 384)


def test_hostile_texts_are_encoded_too(encoder: OnnxMiniLm) -> None:
    texts = ["\ud800 lone", "\x00\x01", "word " * 200_000, "a" * 200_000, "🙂" * 600]

    vectors = encoder.encode(texts)

    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_what_lies_beyond_the_512th_token_is_not_seen(encoder: OnnxMiniLm) -> None:
    ids = encoder.tokenizer.ids("power " * 600)

    one, other = encoder.encode(["power " * 600, "power " * 600 + "museum"])

    assert len(ids) == MAX_TOKENS
    assert (ids[0], ids[-1]) == (101, 102)
    assert np.array_equal(one, other)


def test_spans_say_where_each_token_stands_in_the_whole_text() -> None:
    text = "añade\n\nldrb r3; " + "x " * 700

    spans = Tokenizer(model_folder()).spans(text)

    words = [text[begin:end] for begin, end in spans]
    assert "".join(words) == "".join(text.split())
    assert words[-700:] == ["x"] * 700


def test_a_damaged_model_is_built_again(kept: Path, tmp_path: Path) -> None:
    name = OnnxMiniLm(kept, threads=1).model
    content = (kept / f"{name}.onnx").read_bytes()
    seal = (kept / f"{name}.sha256").read_bytes()
    (tmp_path / f"{name}.onnx").write_bytes(content[:1000] + b"\xff" + content[1001:-1])
    (tmp_path / f"{name}.sha256").write_bytes(seal)

    vector = OnnxMiniLm(tmp_path, threads=1).encode(["again"])

    assert np.array_equal(vector, OnnxMiniLm(kept, threads=1).encode(["again"]))
    assert (tmp_path / f"{name}.onnx").read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{name}.onnx", f"{name}.sha256"]


def test_a_model_that_cannot_be_kept_works_all_the_same(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    vector = OnnxMiniLm(tmp_path / "file" / "models", threads=1).encode(["once more"])

    assert np.array_equal(vector, OnnxMiniLm(kept, threads=1).encode(["once more"]))


def test_a_forked_process_encodes_what_its_parent_encodes_and_knows_no_torch(kept: Path) -> None:
    program = f"""
import os, sys
from pathlib import Path
from workers.encoders.encoder_onnx import OnnxMiniLm

encoder = OnnxMiniLm(Path({str(kept)!r}), threads=2)
before = encoder.encode(["a fork"])
child = os.fork()
if child == 0:
    os._exit(0 if (encoder.encode(["a fork"]) == before).all() else 1)
assert os.waitpid(child, 0)[1] == 0
assert not {{"torch", "transformers", "sentence_transformers", "onnx"}} & set(sys.modules)
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr


def test_the_models_name_may_stand_in_the_name_of_a_space(encoder: OnnxMiniLm) -> None:
    name, found, digest = encoder.model.rpartition("-")

    assert (name, found) == ("all-minilm-l6-v2", "-")
    assert len(digest) == 12
    assert int(digest, 16) >= 0
