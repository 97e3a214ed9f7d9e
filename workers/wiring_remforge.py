"""The part of the composition root that REMForge works with; its parent process looks after the models' process."""

import socket
import time
from functools import cache
from typing import TYPE_CHECKING

from stores.watched import watched
from workers.wiring import PATIENCE_S, observers, rem_files, settings
from workers.wiring_query import documents_of, vectors_of

if TYPE_CHECKING:
    from workers.remforge.models.options import HostOptions
    from workers.remforge.models.supervisor import Supervisor
    from workers.remforge.services import ForgeServices

FORGE_READER_S = 120
"""Of processor time for one file; by the clock it may take twice that."""


@cache
def forge_services() -> "ForgeServices":
    """Build what REMForge works with; decoders start with the first file, the models run in a process of their own."""
    from stores.artifacts import FileArtifacts
    from stores.texts_tantivy import TantivyTexts
    from workers.remforge.media.pool import DecoderPool
    from workers.remforge.models.client import HostModels
    from workers.remforge.services import ForgeServices

    chosen = settings()
    documents = documents_of(chosen)
    return ForgeServices(
        artifacts=watched(FileArtifacts(chosen.data_dir), "artifacts", *observers()),
        files=rem_files(),
        decoder=DecoderPool(
            chosen.forge_readers,
            memory_bytes=chosen.forge_reader_bytes,
            cpu_s=FORGE_READER_S,
            deadline_s=2 * FORGE_READER_S,
        ),
        models=HostModels(host_options().socket, patience_s=PATIENCE_S),
        documents=documents,
        vectors=vectors_of(chosen, documents),
        texts=watched(TantivyTexts(documents), "texts", *observers()),
        clock=time.time,
        timer=time.monotonic,
        readers=chosen.forge_readers,
    )


@cache
def model_host() -> "Supervisor":
    """Return who looks after the models' process of this worker; to be used by its parent process alone."""
    from workers.remforge.models.supervisor import Supervisor

    return Supervisor(host_options())


@cache
def host_options() -> "HostOptions":
    """Say what the models' process is started with: the models of level lite, and those that are set up for level full."""
    from workers.remforge.inference import Role
    from workers.remforge.models.model import Spec
    from workers.remforge.models.options import HostOptions
    from workers.remforge.models.wheels import LITE

    chosen = settings()
    sources = {spec.role: spec.source for spec in LITE}
    sources |= {Role(role): source for role, source in chosen.forge_sources.items()}
    pinned = {name.strip() for name in chosen.forge_pinned.split(",")}
    return HostOptions(
        folder=chosen.models_dir,
        # All workers of a machine share its models: the supervisor of a second one waits until it is needed.
        node=socket.gethostname(),
        specs=tuple(Spec(role, source, pinned=role.value in pinned) for role, source in sources.items()),
        cache=chosen.models_dir / "embeddings.sqlite",
        cache_bytes=chosen.forge_cache_bytes,
        budget_bytes=chosen.forge_memory_bytes,
        device=chosen.forge_device,
        idle_s=chosen.forge_idle_s,
        offline=chosen.forge_offline,
        allow_test_models=chosen.forge_test_models,
        models_folder=chosen.models_dir / "models",
        gpu_cleanup=chosen.gpu_cleanup,
        log_level=chosen.log_level,
        log_file=chosen.log_file,
        log_limit_bytes=chosen.log_limit_bytes,
        log_files=chosen.log_files,
    )
