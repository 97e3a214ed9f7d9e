"""A client that a generator makes from the document works: it uploads, submits, waits and lists."""

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.servers import RedisServer
from tests.web.described import described
from tests.web.server import WebServer

PACKAGE = "generated_dasein"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Generate a client, and let it be imported."""
    folder = tmp_path_factory.mktemp("generated")
    config = folder / "config.json"
    config.write_text(json.dumps({"package_name_override": PACKAGE, "post_hooks": []}))
    document = folder / "openapi.json"
    document.write_text(json.dumps(described()))
    command = [str(Path(sys.executable).parent / "openapi-python-client"), "generate", "--path", str(document)]
    command += ["--meta", "none", "--output-path", str(folder / PACKAGE), "--config", str(config)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    assert not re.search("will not be generated|Unable to", made.stdout), made.stdout
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def server(redis_server: RedisServer, tmp_path: Path) -> Iterator[WebServer]:
    redis_server.flush()
    with WebServer(tmp_path, redis_server.url) as server:
        yield server


def part(name: str) -> Any:
    """Return a module of the generated client."""
    return importlib.import_module(f"{PACKAGE}.{name}")


def test_a_generated_client_uploads_submits_waits_and_lists(generated: Path, server: WebServer) -> None:
    assert generated.exists()
    base = part("client").Client(base_url=server.url, raise_on_unexpected_status=True)
    models = part("models")
    file = part("types").File(payload=BytesIO(b"\x7fELF"), file_name="firmware.elf")

    with base as client:
        stored = part("api.artifacts.upload_artifact").sync(client=client, body=file)
        ping = models.PingJob(kind="ping", params=models.PingRequest(echo="hello"))
        job = part("api.jobs.submit_job").sync(client=client, body=ping, idempotency_key="once")
        again = part("api.jobs.submit_job").sync(client=client, body=ping, idempotency_key="once")
        batch = part("api.batches.submit_batch").sync(client=client, body=models.JobBatchSubmission(jobs=[ping, ping]))
        waited = part("api.batches.show_batch").sync(batch.id, client=client, wait=1)
        looked = part("api.jobs.show_job").sync(job.id, client=client, wait=1)
        listed = part("api.jobs.list_jobs").sync(client=client, limit=2)
        missing = part("api.jobs.show_job").sync("nobody", client=client)

    assert stored.artifact_id.startswith("sha256:")
    assert (job.kind, job.state, again.id) == ("ping", "queued", job.id)
    assert (len(batch.jobs), waited.progress.total, looked.params["echo"]) == (2, 2, "hello")
    assert [each.id for each in listed.jobs] == list(reversed(batch.jobs))
    assert (missing.code, missing.status) == ("not-found", 404)
