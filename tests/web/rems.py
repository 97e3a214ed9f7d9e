"""Records and what the jobs of REMForge leave, as the pool would make them."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from jobs.forging import BatchResult, FoundRecord, ModelState, NodeModels, Outcome, SearchAnswer
from jobs.identity import HOME as TENANT
from jobs.rem import (
    Derivation,
    Header,
    Level,
    Modality,
    Model,
    Noetic,
    Qualia,
    Quality,
    Rem,
    Scales,
    Sensorial,
    Source,
    Stream,
    TextQualia,
    rem_id,
)
from stores.corpus import CORPUS
from stores.documents import Record, Shelf
from tests.web.knowledge import Knows

CLIP = Model(name="clip", version="1", sha256="c1" * 32, licence="MIT", device="cuda:0", dtype="float16")


def rem(name: str = "diary.txt", *, modality: Modality = Modality.TEXT, text: str = "I saw two bursts.") -> Rem:
    """Return a record of a file whose bytes are its name: a text that nobody has analysed."""
    digest = sha256(name.encode()).hexdigest()
    header = Header(
        rem_id=rem_id(digest),
        forge_version="1.2.3",
        level=Level.LITE,
        created_at=datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
        modality=modality,
        source=Source(name=name, sha256=digest, media_type="text/plain", bytes=len(text)),
        language="en",
        quality=Quality(completeness=0.25, warnings=("nothing was looked at",)),
    )
    noetic = Noetic.model_construct(**dict.fromkeys(Noetic.model_fields))
    sensorial = Sensorial.model_construct(**dict.fromkeys(Sensorial.model_fields))
    qualia = TextQualia(readability=None, entropy_bits=2.0, words=4, characters=len(text))
    whole: dict[str, Any] = {
        "header": header,
        "stream": Stream(text=text),
        "noetic": noetic,
        "sensorial": sensorial,
        "qualia": Qualia(image=None, audio=None, video=None, text=qualia),
        "scales": Scales(coarse=f"A {modality}: {text}", medium=(text,), fine={"words": 4}),
        "embedding": None,
    }
    leaves = dict(Rem.model_construct(**whole).leaves())
    fields = {
        leaf: Derivation(reason="not looked at") if value is None else Derivation(method="read", confidence=1)
        for leaf, value in leaves.items()
    }
    return Rem.model_validate({**whole, "fields": fields})


def known(farm: Knows, *names: str, hidden: tuple[str, ...] = (), **how: Any) -> list[str]:
    """Let the knowledge hold records of files with these names, each made a second after the one before.

    `hidden` are the names of those that are on their way; `how` are keywords of `rem`.
    """
    made = [rem(name, **how) for name in names]
    ids = [each.header.rem_id for each in made]
    documents = farm.knowledge.documents
    documents.put(
        TENANT,
        Shelf.REMS,
        [
            Record(id_, each.model_dump(mode="json"), batch=id_, group=each.header.modality, at=float(at))
            for at, (id_, each) in enumerate(zip(ids, made, strict=True))
        ],
    )
    batches = [rem(name).header.rem_id for name in hidden]
    documents.put(TENANT, Shelf.CORPUS, [Record(CORPUS, {"version": 7, "hidden": batches})])
    return ids


def result(job_id: str, *names: str, refused: tuple[str, ...] = (), **changes: Any) -> BatchResult:
    """Return the end of a job for files of these names, some of which were `refused`."""
    told: dict[str, Any] = {
        "job": job_id,
        "records": sum(name not in refused for name in names),
        "failed": sum(name in refused for name in names),
        "files": tuple(_refused(name) if name in refused else _made(name) for name in names),
        "models": (),
        "seconds": 1.5,
    }
    return BatchResult(**(told | changes))


def _made(name: str) -> Outcome:
    made = rem(name)
    return Outcome(
        name=name,
        artifact=f"sha256:{made.header.source.sha256}",
        rem_id=made.header.rem_id,
        modality=made.header.modality,
        headline=made.scales.coarse,
    )


def _refused(name: str) -> Outcome:
    return Outcome(
        name=name,
        artifact=f"sha256:{sha256(name.encode()).hexdigest()}",
        code="invalid-file",
        reason="truncated",
        message="The picture ends early.",
    )


def found(*names: str, **changes: Any) -> SearchAnswer:
    """Return what a search finds: records of these names, best first."""
    records = tuple(
        FoundRecord(
            rem_id=rem(name).header.rem_id,
            name=name,
            modality=Modality.IMAGE,
            headline="Two bursts on an oscilloscope.",
            score=1 - place / 10,
            cosine=0.31,
            found_by=("image model",),
        )
        for place, name in enumerate(names)
    )
    return SearchAnswer(**({"found": records, "data_version": 7} | changes))


def machine(node: str, *, at: float, **changes: Any) -> NodeModels:
    """Return what a machine says of its models: one is loaded, one is not there."""
    told: dict[str, Any] = {
        "node": node,
        "at": at,
        "pid": 4711,
        "device": "cuda:0",
        "budget_bytes": 8 * 2**30,
        "used_bytes": 600_000_000,
        "cache_hits": 30,
        "cache_misses": 10,
        "models": (
            ModelState(role="image", source="clip", model=CLIP, state="loaded", bytes=600_000_000, batches=3, items=40),
            ModelState(
                role="speech", source="nowhere", model=CLIP, state="unavailable", reason="There is no such folder."
            ),
        ),
    }
    return NodeModels(**(told | changes))
