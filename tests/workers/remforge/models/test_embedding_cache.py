import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from jobs.rem import Model
from workers.remforge.decoding import View
from workers.remforge.inference import Card, Item, Output, Role
from workers.remforge.models.embedding_cache import Counts, EmbeddingCache, content_digest, key_of

LIMIT = 1 << 24
CARD = Card(Role.IMAGE, Model(name="m", version="1", sha256="a" * 64), 4, View(8, 8))
GREY = np.full((8, 8, 3), 128, np.uint8)
OUTPUTS = {
    "vector": Output(vector=np.array([0.6, 0.8], np.float32)),
    "long vector": Output(vector=np.array([6, 8], np.float32)),
    "scores": Output(scores=(("tabby, tabby cat", 0.5), ("ñandú", 0.25))),
    "text": Output(text="What was said — in full."),
    "all": Output(np.array([1.0], np.float32), (("a", 1.0),), ""),
}


def opened(path: Path) -> EmbeddingCache:
    return EmbeddingCache(path, limit_bytes=LIMIT, clock=lambda: 0.0)


def same(one: Output | None, other: Output) -> bool:
    assert one is not None
    vectors = [None if output.vector is None else output.vector.tolist() for output in (one, other)]
    return vectors[0] == vectors[1] and (one.scores, one.text) == (other.scores, other.text)


@pytest.mark.parametrize("kind", OUTPUTS)
def test_what_was_kept_is_there_after_a_restart(tmp_path: Path, kind: str) -> None:
    cache = opened(tmp_path / "cache")
    cache.put({b"1" * 32: OUTPUTS[kind]})
    cache.close()

    found = opened(tmp_path / "cache").get([b"1" * 32, b"2" * 32, b"1" * 32])

    assert list(found) == [b"1" * 32]
    assert same(found[b"1" * 32], OUTPUTS[kind])


def test_a_damaged_value_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    keys = [bytes([n]) * 32 for n in range(len(OUTPUTS))]
    cache = opened(path)
    cache.put(dict(zip(keys, OUTPUTS.values(), strict=True)))
    cache.close()
    with sqlite3.connect(path) as file:
        file.execute("UPDATE vectors SET vector = substr(vector, 1, length(vector) - 1) || x'7f'")
    file.close()

    assert opened(path).get(keys) == {}


def test_one_huge_result_is_not_kept(tmp_path: Path) -> None:
    cache = opened(tmp_path / "cache")

    cache.put({b"1" * 32: Output(text="a" * (1 << 21)), b"2" * 32: Output(text="a")})

    assert list(cache.get([b"1" * 32, b"2" * 32])) == [b"2" * 32]


def test_other_contents_have_other_digests() -> None:
    contents: list[Item] = [
        "text",
        "texu",
        "\ud800",
        np.zeros((2, 3, 3), np.uint8),
        np.zeros((3, 2, 3), np.uint8),
        np.zeros(18, np.float32),
        np.zeros(17, np.float32),
    ]

    assert len({content_digest(item) for item in contents}) == len(contents)
    assert content_digest(GREY) == content_digest(np.full((8, 16, 3), 128, np.uint8)[:, ::2])


@pytest.mark.parametrize(
    "other",
    [
        Card(Role.LABELS, CARD.model, 4, CARD.view),
        Card(CARD.role, CARD.model, 4, View(9, 8)),
        Card(CARD.role, CARD.model, 4, None),
        Card(CARD.role, CARD.model.model_copy(update={"sha256": "b" * 64}), 4, CARD.view),
        Card(CARD.role, CARD.model.model_copy(update={"version": "2"}), 4, CARD.view),
        Card(CARD.role, CARD.model.model_copy(update={"dtype": "float16"}), 4, CARD.view),
    ],
    ids=["role", "view", "no view", "digest", "version", "precision"],
)
def test_another_model_preparation_or_precision_has_another_key(other: Card) -> None:
    content = content_digest(GREY)

    assert key_of(content, other) != key_of(content, CARD)


def test_the_device_is_no_part_of_the_key() -> None:
    other = Card(CARD.role, CARD.model.model_copy(update={"device": "cuda:0"}), 4, CARD.view)

    assert key_of(b"1" * 32, other) == key_of(b"1" * 32, CARD)


def test_hits_and_misses_are_counted(tmp_path: Path) -> None:
    cache = opened(tmp_path / "cache")

    cache.count(3, 1)
    cache.count(1, 0)

    assert cache.counts == Counts(4, 1)


def test_two_processes_share_the_file(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from workers.remforge.inference import Output
from workers.remforge.models.embedding_cache import EmbeddingCache
cache = EmbeddingCache(Path(sys.argv[1]), limit_bytes=1 << 24, clock=lambda: 0.0)
first, last = int(sys.argv[2]), int(sys.argv[3])
for n in range(first, last):
    cache.put({n.to_bytes(32, "big"): Output(text=str(n))})
cache.close()
"""
    path = tmp_path / "cache"
    runs = [(0, 60), (40, 100)]
    writers = [subprocess.Popen([sys.executable, "-c", program, path, str(a), str(b)]) for a, b in runs]

    codes = [writer.wait() for writer in writers]
    found = opened(path).get([n.to_bytes(32, "big") for n in range(100)])

    assert codes == [0, 0]
    assert [output.text for output in found.values()] == [str(n) for n in range(100)]
