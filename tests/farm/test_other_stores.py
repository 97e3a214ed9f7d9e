"""The whole way on the other servers at once: documents in MongoDB, graph in Neo4j, vectors in Milvus, a URL setting each."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pydantic import BaseModel

from jobs.ingestion import IngestRequest, IngestResult, RemoveRequest
from jobs.knowledge import Space as Spaces
from jobs.model import State
from jobs.payloads import CampaignRequest
from jobs.questions import Answer, QueryRequest
from jobs.queue import CAMPAIGN, INGEST, INGESTION, QUERY, QUESTION, REMOVAL, SIMULATION, Kind
from renode.firmware.build import build_all
from stores.artifacts import FileArtifacts
from stores.corpus import read_corpus
from stores.documents import Shelf
from stores.documents_mongo import MongoDocuments
from stores.graph_neo4j import Neo4jGraph
from stores.vectors import Space
from stores.vectors_milvus import MilvusVectors
from tests.farm.conftest import ROOT, Farm
from tests.servers import RedisServer, demand, eventually, has_redis
from tests.stores.document_servers import MongoServer, has_mongo
from tests.stores.graph_servers import PASSWORD, Neo4jServer, neo4j_server
from tests.stores.vector_servers import MilvusServer, has_milvus
from tests.workers.query.knowledge import csv_of, measured
from workers.query.profiles import DIMENSIONS

__all__ = ["neo4j_server"]

TENANT = "default"
NOTE = "The oscilloscope was calibrated in March with a reference resistor of one ohm."
KEPT_EMPTY = {Shelf.HEADS, Shelf.CORPUS}
"""What says how the data changed stays when the data is gone."""
TEXT_DIMENSIONS = 384


class Servers(NamedTuple):
    """The servers of knowledge."""

    mongo: MongoServer
    neo4j: Neo4jServer
    milvus: MilvusServer


class OtherFarm(Farm):
    """One worker for everything, that is told of the stores by settings alone, and the stores for the test to look into."""

    def __init__(self, queue: RedisServer, cache: RedisServer, servers: Servers, folder: Path) -> None:
        super().__init__(queue, folder)
        self._environment = os.environ | {
            "OMP_NUM_THREADS": "1",
            "DASEIN_REDIS_URL": queue.url,
            "DASEIN_CACHE_URL": cache.url,
            "DASEIN_DOCUMENTS_URL": servers.mongo.url,
            "DASEIN_GRAPH_URL": servers.neo4j.url(),
            "DASEIN_GRAPH_PASSWORD": PASSWORD,
            "DASEIN_VECTORS_URL": servers.milvus.url,
            "DASEIN_CACHE_WARM": "0",
            "DASEIN_DATA_DIR": str(folder),
            "PYTHONPATH": str(ROOT),
        }
        self.documents = MongoDocuments(servers.mongo.url, patience_s=5)
        self.graph = Neo4jGraph(servers.neo4j.url(), user="neo4j", password=PASSWORD, patience_s=5)
        self.vectors = MilvusVectors(servers.milvus.url, token=None, patience_s=5)
        self._numbers = count()

    def work(self) -> None:
        """Start the worker and wait until it is there."""
        program = ["-m", "celery", "-q", "-A", "workers.app", "worker"]
        tasks = ["-I", "workers.simulation.tasks,workers.query.tasks", "-Q", f"{SIMULATION},{QUERY},{INGEST}"]
        options = ["-P", "prefork", "-c", "1", "-n", "all@test", "--without-gossip", "--without-mingle"]
        with (self.folder / "all.log").open("ab") as log:
            self._processes["all"] = subprocess.Popen(
                [sys.executable, *program, *tasks, *options],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        eventually(lambda: any(self.workers.alive().values()), within_s=60, what="the worker is alive")

    def done(self, kind: Kind, params: BaseModel) -> dict[str, Any]:
        """Return what a job results in."""
        return self.ended(self.submit(kind, f"job-{next(self._numbers)}", **params.model_dump(mode="json")))

    def ended(self, job_id: str) -> dict[str, Any]:
        """Return what a job has resulted in when it has ended."""
        job = self.until(job_id, State.SUCCEEDED, State.FAILED, within_s=40)
        assert job.state is State.SUCCEEDED, (job.error, (self.folder / "all.log").read_text()[-2000:])
        return dict(job.result or {})

    def take_in(self, **told: Any) -> str:
        """Have something taken in; return its batch."""
        return IngestResult.model_validate(self.done(INGESTION, IngestRequest(**told))).batch

    def ask(self, question: str) -> Answer:
        """Have a question answered."""
        return Answer.model_validate(self.done(QUESTION, QueryRequest(question=question, fresh=True)))

    def spaces(self) -> list[Space]:
        """Return the spaces of vectors that are searched."""
        return [
            Space(name, model, DIMENSIONS if name == Spaces.MEASUREMENTS else TEXT_DIMENSIONS)
            for name, model in read_corpus(self.documents, TENANT).spaces.items()
        ]

    def held(self, spaces: Sequence[Space]) -> dict[str, int]:
        """Return how much each store holds; what is empty is left out."""
        found = {f"mongo {shelf}": self.documents.count(TENANT, shelf) for shelf in Shelf if shelf not in KEPT_EMPTY}
        found |= {f"milvus {space.name}": self.vectors.count(TENANT, space) for space in spaces}
        found |= {f"neo4j {label}": number for label, number in self.graph.counts(TENANT).items()}
        return {name: number for name, number in found.items() if number}

    def close(self) -> None:
        """End everything."""
        super().close()
        self.documents.close()
        self.graph.close()


@pytest.fixture(scope="module")
def other_farm(neo4j_server: Neo4jServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OtherFarm]:
    """Keep a farm whose knowledge is in none of the embedded stores."""
    demand("redis", present=has_redis())
    demand("mongodb", present=has_mongo())
    demand("milvus", present=has_milvus())
    with ExitStack() as stack:
        queue = RedisServer(tmp_path_factory.mktemp("queue"))
        cache = RedisServer(tmp_path_factory.mktemp("cache"))
        mongo = MongoServer(tmp_path_factory.mktemp("mongo"))
        milvus = MilvusServer(tmp_path_factory.mktemp("milvus"))
        for server in (queue, cache, mongo, milvus):
            stack.callback(server.kill)
            server.start()
        farm = OtherFarm(queue, cache, Servers(mongo, neo4j_server, milvus), tmp_path_factory.mktemp("data"))
        stack.callback(farm.close)
        farm.work()
        yield farm


def small_campaign(farm: OtherFarm) -> CampaignRequest:
    """Return a campaign that leaks and takes a second."""
    firmware = next(path for path in build_all(ROOT / "build" / "firmware") if path.stem == "compare_leaky_m0")
    artifact, _ = FileArtifacts(farm.folder).put(
        "default", [firmware.read_bytes()], media_type="application/x-elf", limit_bytes=2**20
    )
    campaign = json.loads((ROOT / "renode/firmware/campaigns/compare_leaky_m0.json").read_text(encoding="utf-8"))
    return CampaignRequest.model_validate(campaign | {"name": "compare build 3", "firmware": artifact.id})


def test_campaign_measurements_and_document_are_known_and_then_gone_from_all_three(other_farm: OtherFarm) -> None:
    farm = other_farm
    ran = farm.done(CAMPAIGN, small_campaign(farm))
    batches = [farm.ended(ran["ingestion"])["batch"]]
    artifact, _ = FileArtifacts(farm.folder).put(
        "default", [csv_of(measured(400, 20))], media_type="text/csv", limit_bytes=2**24
    )
    batches.append(farm.take_in(name="run", artifact=artifact.id))
    batches.append(farm.take_in(name="note", text=NOTE))

    spaces = farm.spaces()
    held = farm.held(spaces)
    leaking, hottest, noted = (
        farm.ask("Which functions leak in compare build 3?"),
        farm.ask("Which instruction has the highest energy?"),
        farm.ask("What was the oscilloscope calibrated with?"),
    )
    again = farm.ask("Which functions leak in compare build 3?")

    assert {name.partition(" ")[0] for name in held} == {"mongo", "neo4j", "milvus"}
    # Records have a space for each image model, and none was forged.
    assert {f"milvus {space}" for space in set(Spaces) - {Spaces.REMS}} <= set(held)
    assert held["neo4j Campaign"] == 1
    assert any(name.endswith(":compare_leaky") for name in leaking.evidence)
    assert "measurements:run" in {source for each in hottest.cited for source in each.sources}
    assert "chunk:note:0" in noted.evidence
    assert [answer.degraded for answer in (leaking, hottest, noted)] == [()] * 3
    told = {"cached", "processing_time_s", "timings"}
    assert again.model_dump_json(exclude=told) == leaking.model_dump_json(exclude=told)

    for batch in batches:
        farm.done(REMOVAL, RemoveRequest(batch=batch))

    assert farm.held(spaces) == {}
    assert farm.ask("Which functions leak in compare build 3?").abstained
