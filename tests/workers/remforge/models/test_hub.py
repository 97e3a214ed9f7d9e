import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.servers import free_port
from tests.workers.remforge.models.conftest import Tiny
from workers.remforge.inference import Role
from workers.remforge.models.hub import locate
from workers.remforge.models.model import Loader, ModelUnavailable, Spec

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "lab/tiny-clip"
PROGRAM = """
import sys
from workers.remforge.inference import Role
from workers.remforge.models.loading import make_loader
from workers.remforge.models.model import ModelUnavailable, Spec

loader = make_loader(offline=sys.argv[1] == "offline", allow_test_models=True, cache_dir=None, threads=1)
spec = Spec(Role.CAPTION, sys.argv[2])
try:
    card = loader.card(spec)
    if sys.argv[1] == "online":
        model = loader.load(spec, device="cpu")
        model.finish(model.encode(model.prepare(["a text"])))
    print(card.model.name, card.model.version, card.model.sha256)
except ModelUnavailable as error:
    print("unavailable:", error)
"""


@dataclass
class Mirror:
    """A hub that has one repository, and remembers which files were asked for."""

    files: dict[str, bytes]
    url: str = ""
    asked: list[str] = field(default_factory=list)

    def handler(self) -> type[BaseHTTPRequestHandler]:
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.answer(body=True)

            def do_HEAD(self) -> None:
                self.answer(body=False)

            def answer(self, *, body: bool) -> None:
                path = self.path.partition("?")[0]
                files, api = f"/{REPOSITORY}/resolve/", f"/api/models/{REPOSITORY}/"
                name = path.removeprefix(files).partition("/")[2] if path.startswith(files) else None
                headers = {"X-Repo-Commit": COMMIT}
                content: bytes | None = None
                if name in mirror.files:
                    mirror.asked.append(str(name))
                    content = mirror.files[str(name)]
                    headers["ETag"] = f'"{hashlib.sha1(content, usedforsecurity=False).hexdigest()}"'
                elif path.startswith(f"{api}revision/"):
                    content = json.dumps(
                        {"id": REPOSITORY, "sha": COMMIT, "siblings": [{"rfilename": one} for one in mirror.files]}
                    ).encode()
                elif path.startswith(f"{api}tree/"):
                    content = json.dumps([mirror.entry(one) for one in mirror.files]).encode()
                self.send_response(404 if content is None else 200)
                for header, value in headers.items():
                    self.send_header(header, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                if body and content:
                    self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler

    def entry(self, name: str) -> dict[str, object]:
        content = self.files[name]
        oid = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        return {"type": "file", "path": name, "size": len(content), "oid": oid}


@pytest.fixture
def mirror(tiny: Tiny) -> Iterator[Mirror]:
    files = {path.name: path.read_bytes() for path in tiny("clip").iterdir()}
    extra = {
        "pytorch_model.bin": b"pickle",
        "code.py": b"print(1)",
        "onnx/model.safetensors": b"other",
        "LICENSE": b"MIT",
    }
    mirror = Mirror({**files, **extra})
    server = ThreadingHTTPServer(("127.0.0.1", 0), mirror.handler())
    mirror.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield mirror
    server.shutdown()
    thread.join()
    server.server_close()


def load(mode: str, source: str, *, home: Path, mirror: Mirror) -> str:
    environment = {**os.environ, "HF_ENDPOINT": mirror.url, "HF_HOME": str(home), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    environment.pop("HF_HUB_OFFLINE", None)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, mode, source],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_a_model_is_fetched_from_the_mirror_once_and_without_pickles_and_code(mirror: Mirror, tmp_path: Path) -> None:
    before = load("offline", REPOSITORY, home=tmp_path, mirror=mirror)
    assert before == f"unavailable: {REPOSITORY} is not on this machine, and nothing is fetched (offline)."
    assert not mirror.asked

    fetched = load("online", REPOSITORY, home=tmp_path, mirror=mirror)

    name, version, digest = fetched.split()
    assert (name, version, len(digest)) == (REPOSITORY, COMMIT, 64)
    assert set(mirror.asked) == set(mirror.files) - {"pytorch_model.bin", "code.py", "onnx/model.safetensors"}
    mirror.asked.clear()
    assert load("offline", f"{REPOSITORY}@{COMMIT}", home=tmp_path, mirror=mirror) == fetched
    assert not mirror.asked
    mirror.url = f"http://127.0.0.1:{free_port()}"
    assert load("hub away", REPOSITORY, home=tmp_path, mirror=mirror) == fetched


def test_a_repository_that_is_not_there_is_told(mirror: Mirror, tmp_path: Path) -> None:
    told = load("online", "lab/other", home=tmp_path, mirror=mirror)

    assert told.startswith("unavailable: lab/other is not on this machine, and cannot be fetched: ")
    assert "404" in told


@pytest.mark.parametrize("source", ["", "a b", "a/b/c", "a/b@", "../..@x y", "https://host/a", "-a/b", "a/b@x\n"])
def test_what_is_neither_a_folder_nor_an_id_is_refused(source: str, loader: Loader) -> None:
    with pytest.raises(ModelUnavailable):
        loader.card(Spec(Role.IMAGE, source))


def test_a_folder_is_named_by_its_last_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model").mkdir()
    monkeypatch.chdir(tmp_path / "model")

    assert locate("./", offline=True).name == "model"
    assert locate("../model/", offline=True).path == tmp_path / "model"
    assert locate(str(tmp_path / "none"), offline=True).revision is None
