"""An export of more than a process should ever hold, from the server as it runs."""

import json
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import psutil

from stores.artifacts import FileArtifacts
from stores.documents import Record, Shelf
from tests.servers import RedisServer
from tests.web.whole_server import whole_server

MIB = 2**20
ARTIFACTS = 3
EACH_MIB = 40
ROOM_MIB = 40
"""What the process may grow by while it sends 120 MiB and more."""


def test_an_export_of_more_than_100_mib_takes_the_memory_of_a_small_one(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    with whole_server(redis_server, tmp_path) as whole:
        server, documents = whole.web, whole.knowledge.documents
        store = FileArtifacts(server.data)
        for number in range(ARTIFACTS):
            pieces = (bytes([number]) * MIB for _ in range(EACH_MIB))
            store.put("default", pieces, media_type="application/octet-stream", limit_bytes=10**9)
        records = (Record(f"d{number}", {"text": "x" * 1000}, blob=b"\0" * 10_000) for number in range(2000))
        documents.put("default", Shelf.DOCUMENTS, records)
        process = max(psutil.Process(server.pid).children(), key=lambda child: child.memory_info().rss)
        target = tmp_path / "export.zip"
        before = highest = process.memory_info().rss

        with server.client() as client, client.stream("GET", "/api/v2/tenants/default/export") as answer:
            assert answer.status_code == 200
            with target.open("wb") as file:
                for piece in answer.iter_bytes(MIB):
                    file.write(piece)
                    highest = max(highest, process.memory_info().rss)

    assert target.stat().st_size > ARTIFACTS * EACH_MIB * MIB
    assert (highest - before) / MIB < ROOM_MIB
    with ZipFile(target) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert (manifest["counts"]["artifacts"], manifest["counts"]["documents/documents.jsonl"]) == (ARTIFACTS, 2000)
        for member in manifest["members"]:
            digest, size = sha256(), 0
            with archive.open(member["name"]) as content:
                while piece := content.read(MIB):
                    digest.update(piece)
                    size += len(piece)
            assert (size, digest.hexdigest()) == (member["bytes"], member["sha256"])
