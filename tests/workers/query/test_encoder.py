import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from jobs.errors import StoreUnavailable
from stores.vectors import FloatArray
from tests.servers import free_port
from workers.encoders.encoder_cache import CachedEncoder
from workers.query.encoder_http import HttpEncoder

KEY = "sk-very-secret"


class EmbeddingServer(ThreadingHTTPServer):
    """A small model server: a text's vector is its letter counts; it can be told to misbehave."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        self.batches: list[int] = []
        self.refusals: list[tuple[int, str]] = []
        self.answer: bytes | None = None


class _Handler(BaseHTTPRequestHandler):
    server: EmbeddingServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        allowed = self.headers["Authorization"] == f"Bearer {KEY}" and self.path == "/v1/embeddings"
        if self.server.refusals or not allowed:
            status, after = self.server.refusals.pop() if allowed else (401, "")
            return self._send(status, b"no: " + KEY.encode(), {"Retry-After": after} if after else {})
        self.server.batches.append(len(body["input"]))
        items = [{"index": n, "embedding": letters(text)} for n, text in enumerate(body["input"])]
        answer = json.dumps({"model": body["model"], "data": items[::-1]}).encode()
        return self._send(200, self.server.answer or answer, {})

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def letters(text: str) -> list[float]:
    return [text.count(letter) + 0.5 for letter in "abcdefgh"]


def unit(texts: Sequence[str]) -> FloatArray:
    rows = np.array([letters(text) for text in texts])
    vectors: FloatArray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return vectors


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    server = EmbeddingServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def remote(server: EmbeddingServer, pauses: list[float]) -> HttpEncoder:
    return HttpEncoder(server.url, model="Org/Model:1", api_key=KEY, dimensions=None, timeout_s=5, pause=pauses.append)


def test_texts_are_sent_in_batches_and_vectors_come_back_in_order(server: EmbeddingServer, remote: HttpEncoder) -> None:
    texts = ["a" * (n % 7) + "b" * (n % 5) + "\ud800" for n in range(300)]

    vectors = remote.encode(texts)

    np.testing.assert_allclose(vectors, unit(texts), atol=1e-6)
    assert vectors.dtype == np.float32
    assert server.batches == [1, 128, 128, 44]
    assert remote.encode([]).shape == (0, 8)


def test_the_models_name_tells_models_and_dimensions_apart(server: EmbeddingServer, remote: HttpEncoder) -> None:
    def named(model: str, dimensions: int | None) -> str:
        return HttpEncoder(server.url, model=model, api_key=KEY, dimensions=dimensions, timeout_s=5).model

    names = {named("Org/Model:1", 8), named("Org/Model:1", 16), named("Org-Model-1", 8), named("¡!", 8)}

    assert remote.model == named("Org/Model:1", 8)
    assert remote.model.startswith("org-model-1-")
    assert len(names) == 4
    assert set("".join(names)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_a_busy_server_is_asked_again_after_the_time_it_names(
    server: EmbeddingServer, remote: HttpEncoder, pauses: list[float]
) -> None:
    server.refusals = [(503, ""), (429, "2")]

    vectors = remote.encode(["abc"])

    assert vectors.shape == (1, 8)
    assert pauses == [2.0, 0.5]


@pytest.mark.parametrize("refusals", [[(429, "3600")] * 9, [(500, "")] * 9, [(400, "")]])
def test_a_server_that_goes_on_refusing_is_unavailable_within_bounds(
    server: EmbeddingServer, remote: HttpEncoder, pauses: list[float], refusals: list[tuple[int, str]]
) -> None:
    server.refusals = refusals

    with pytest.raises(StoreUnavailable, match=r"status \d+") as refused:
        remote.encode(["abc"])

    assert KEY not in str(refused.value)
    assert sum(pauses) < 5


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b'{"data": []}',
        b'{"data": [{"index": 1, "embedding": [1, 2]}]}',
        b'{"data": [{"index": 0, "embedding": []}]}',
        b'{"data": [{"index": 0, "embedding": [0, 0]}]}',
        b'{"data": [{"index": 0, "embedding": [1e400, 0]}]}',
        b'{"data": [{"index": 0, "embedding": ["sk-very-secret"]}]}',
    ],
)
def test_an_answer_that_is_of_no_use_is_unavailability(
    server: EmbeddingServer, remote: HttpEncoder, answer: bytes
) -> None:
    server.answer = answer

    with pytest.raises(StoreUnavailable) as refused:
        remote.encode(["abc"])

    assert KEY not in str(refused.value)


def test_vectors_of_another_length_are_refused(server: EmbeddingServer) -> None:
    encoder = HttpEncoder(server.url, model="m", api_key=KEY, dimensions=9, timeout_s=5)

    with pytest.raises(StoreUnavailable, match="8 dimensions, not 9"):
        encoder.encode(["abc"])


def test_a_wrong_key_and_a_server_that_is_away_are_unavailability(server: EmbeddingServer) -> None:
    wrong = HttpEncoder(server.url, model="m", api_key="other", dimensions=8, timeout_s=5)
    away = HttpEncoder(f"http://u:{KEY}@127.0.0.1:{free_port()}", model="m", api_key=KEY, dimensions=8, timeout_s=5)

    with pytest.raises(StoreUnavailable, match="status 401"):
        wrong.encode(["abc"])
    with pytest.raises(StoreUnavailable, match="ConnectError") as refused:
        away.encode(["abc"])

    assert KEY not in str(refused.value)
    with pytest.raises(ValueError, match="characters"):
        HttpEncoder(server.url, model="m", api_key="a\nb", dimensions=8, timeout_s=5)


class Counting:
    """An encoder by letters that notes what it was asked."""

    dimensions = 8

    def __init__(self, model: str = "letters-1") -> None:
        self.model = model
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> FloatArray:
        self.asked += texts
        return unit(texts)


def cached(path: Path, inner: Counting, *, limit_bytes: int = 10**8, hour: float = 0) -> CachedEncoder:
    return CachedEncoder(inner, path, limit_bytes=limit_bytes, clock=lambda: hour * 3600)


def encode_once(
    path: Path, inner: Counting, texts: Sequence[str], *, limit_bytes: int = 10**8, hour: float = 0
) -> FloatArray:
    """Encode in what might be a process of its own."""
    with closing(cached(path, inner, limit_bytes=limit_bytes, hour=hour)) as encoder:
        return encoder.encode(texts)


def test_a_text_is_encoded_once_within_a_call_and_over_restarts(tmp_path: Path) -> None:
    inner = Counting()
    texts = ["abc", "b", "abc", "\ud800", "b"]

    first = encode_once(tmp_path / "vectors", inner, texts)
    again = encode_once(tmp_path / "vectors", inner, texts[::-1])

    assert inner.asked == ["abc", "b", "\ud800"]
    np.testing.assert_array_equal(first, unit(texts))
    np.testing.assert_array_equal(again, first[::-1])
    assert encode_once(tmp_path / "vectors", inner, []).shape == (0, 8)


def test_models_do_not_share_vectors(tmp_path: Path) -> None:
    one, other = Counting(), Counting("letters-2")

    encode_once(tmp_path / "vectors", one, ["abc"])
    encode_once(tmp_path / "vectors", other, ["abc"])

    assert other.asked == ["abc"]


def test_a_question_asked_again_does_not_touch_the_file(tmp_path: Path) -> None:
    inner = Counting()
    encoder = cached(tmp_path / "vectors", inner)
    encoder.encode(["abc"])
    with sqlite3.connect(tmp_path / "vectors") as file:
        file.execute("DELETE FROM vectors")
    file.close()

    encoder.encode(["abc"])[0, 0] = 7

    np.testing.assert_array_equal(encoder.encode(["abc"]), unit(["abc"]))
    assert inner.asked == ["abc"]


def test_a_full_file_forgets_what_was_not_used_for_longest(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    old, new = ([f"{name}{n}" for n in range(count)] for name, count in (("a", 2000), ("b", 1000)))
    encode_once(path, Counting(), old)
    encode_once(path, Counting(), old[:100], hour=1)
    full = path.stat().st_size
    encode_once(path, Counting(), new, hour=2, limit_bytes=full)
    after = Counting()
    size = path.stat().st_size

    encode_once(path, after, [*old, *new], hour=3)

    assert size < 1.2 * full
    assert len(after.asked) >= 900
    assert set(after.asked) <= set(old[100:])


@pytest.mark.parametrize("damage", [b"no database at all" * 9999, b""])
def test_a_damaged_file_is_moved_aside_and_begun_anew(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "vectors"
    path.write_bytes(damage)
    inner = Counting()

    with capture_logs() as logs:
        vectors = [encode_once(path, inner, ["abc"]) for _ in range(3)]

    for rows in vectors:
        np.testing.assert_array_equal(rows, unit(["abc"]))
    assert inner.asked == ["abc"]
    assert [line["event"] for line in logs] == (["vector_file_failed", "vector_file_moved_aside"] if damage else [])


def test_damage_in_the_middle_of_the_file_is_survived(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    texts = [f"a{n}" for n in range(3000)]
    encode_once(path, Counting(), texts)
    content = bytearray(path.read_bytes())
    content[16384:] = b"\xa5" * (len(content) - 16384)
    path.write_bytes(content)

    with capture_logs() as logs:
        vectors = encode_once(path, Counting(), texts)
    again = Counting()
    encode_once(path, again, texts[-10:])

    np.testing.assert_array_equal(vectors, unit(texts))
    assert "vector_file_moved_aside" in [line["event"] for line in logs]
    assert again.asked == []


def test_a_vector_that_is_damaged_is_encoded_again(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    encode_once(path, Counting(), ["abc", "b"])
    with sqlite3.connect(path) as file:
        file.execute("UPDATE vectors SET vector = zeroblob(32)")
    file.close()
    inner = Counting()

    vectors = encode_once(path, inner, ["abc", "b"])

    np.testing.assert_array_equal(vectors, unit(["abc", "b"]))
    assert inner.asked == ["abc", "b"]


def test_where_there_can_be_no_file_the_inner_encoder_does_the_work_and_a_log_line_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    inner = Counting()
    encoder = cached(tmp_path / "file" / "vectors", inner)

    with capture_logs() as logs:
        vectors = encoder.encode(["abc"])
        encoder.encode(["b"])

    np.testing.assert_array_equal(vectors, unit(["abc"]))
    assert inner.asked == ["abc", "b"]
    assert [line["event"] for line in logs] == ["vector_file_failed"]


def test_several_writers_share_one_file(tmp_path: Path) -> None:
    encoders = [cached(tmp_path / "vectors", Counting()) for _ in range(4)]
    texts = [f"a{n}" for n in range(1000)]

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda encoder: encoder.encode(texts), encoders))
    after = Counting()
    encode_once(tmp_path / "vectors", after, texts)

    for vectors in results:
        np.testing.assert_array_equal(vectors, unit(texts))
    assert after.asked == []
