"""A model host with the models of level lite, decoders, and stores in memory, for whoever forges."""

import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.forging import FileSource
from stores.artifacts import FileArtifacts, JobFiles
from stores.memory_documents import MemoryDocuments
from stores.memory_texts import MemoryTexts
from stores.vectors_exact import ExactVectors
from workers.remforge.media.pool import DecoderPool
from workers.remforge.models.client import HostModels
from workers.remforge.models.options import HostOptions
from workers.remforge.models.supervisor import Supervisor
from workers.remforge.models.wheels import LITE
from workers.remforge.services import ForgeServices


@pytest.fixture(scope="session")
def decoders() -> Iterator[DecoderPool]:
    """Keep two decoders for the session."""
    pool = DecoderPool(2, memory_bytes=2 << 30, cpu_s=60, deadline_s=120)
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def lite_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Run a model host with the models of level lite, as a worker's parent does; return where it listens."""
    folder = tmp_path_factory.mktemp("models")
    options = HostOptions(
        folder=folder,
        node=f"lite-{os.getpid()}",
        specs=LITE,
        cache=folder / "embeddings.sqlite",
        cache_bytes=1 << 26,
        budget_bytes=1 << 30,
        device="cpu",
        models_folder=folder / "models",
    )
    supervisor = Supervisor(options)
    supervisor.start()
    yield options.socket
    supervisor.stop()


@pytest.fixture(scope="session")
def lite_models(lite_socket: Path) -> Iterator[HostModels]:
    """Return the models of that host."""
    models = HostModels(lite_socket, patience_s=60)
    yield models
    models.close()


@pytest.fixture
def forging(tmp_path: Path, decoders: DecoderPool, lite_models: HostModels) -> ForgeServices:
    """Return what forging works with, on empty stores."""
    ticks = itertools.count(1_750_000_000)
    documents = MemoryDocuments()
    return ForgeServices(
        artifacts=FileArtifacts(tmp_path / "data"),
        files=JobFiles(tmp_path / "data", "rems"),
        decoder=decoders,
        models=lite_models,
        documents=documents,
        vectors=ExactVectors(documents),
        texts=MemoryTexts(),
        clock=lambda: float(next(ticks)),
        timer=time.monotonic,
    )


def upload(services: ForgeServices, path: Path, media_type: str) -> FileSource:
    """Store a file as an artifact."""
    artifact, _ = services.artifacts.put("default", [path.read_bytes()], media_type=media_type, limit_bytes=1 << 30)
    return FileSource(artifact=artifact.id, name=path.name)
