"""Taking something in: a document, a measurement file or a campaign becomes a batch in all stores. May run twice."""

import hashlib
import json
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from jobs.attempt import Attempt
from jobs.errors import Cancelled, DeadlineExceeded, InvalidInput, NotFound, TooLarge
from jobs.ingestion import Format, IngestRequest, IngestResult
from jobs.knowledge import Label
from jobs.report import Report
from stores.corpus import read_corpus
from stores.documents import Shelf
from stores.graph import Condition, Selection
from workers.encoders.minilm import Tokenizer, model_folder
from workers.query.content import Content
from workers.query.corpus import Writing, writing
from workers.query.extract_model import refine
from workers.query.from_campaign import READER as CAMPAIGN_READER
from workers.query.from_campaign import from_campaign, kept_report
from workers.query.from_document import detect, read_document
from workers.query.from_measurements import READER as MEASUREMENTS_READER
from workers.query.from_measurements import from_measurements
from workers.query.known_names import Known
from workers.query.left_over import clear_away, sweep
from workers.query.services import QueryServices
from workers.query.table import Table
from workers.query.writer import unchanged, write

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
MAX_REPORT_BYTES = 256 * 1024 * 1024
HEAD = 65_536
"""Bytes by which a format is told."""
TAIL = 8
DOCUMENT_READER = "document-1"
EXTRACTION_S = 600.0
"""What a language model may take for one document."""
TABLES = frozenset({Format.CSV, Format.PARQUET})


def ingest(
    request: IngestRequest, *, tenant: str, job_id: str, attempt: Attempt, services: QueryServices
) -> IngestResult:
    """Take in what a request names; raise InvalidInput naming the field, TooLarge, and StoreUnavailable to be retried.

    What is there already with the same content and the same words about it stays as it is.
    """
    attempt.check()
    batch, digest, read = _source(request, tenant=tenant, job_id=job_id, attempt=attempt, services=services)

    def lease() -> Writing:
        return writing(tenant, job_id, services, check=attempt.check)

    with lease() as held:
        if there := unchanged({batch: digest}, lease=held, services=services):
            return there[batch]
    # Read without the lease: others may write meanwhile, and what cannot be read replaces nothing.
    content = read()
    attempt.check()
    try:
        with lease() as held:
            sweep(held, services, but=[batch])
            return write(content, digest=digest, job=job_id, lease=held, services=services, report=attempt.report)
    except (Cancelled, DeadlineExceeded):
        clear_away(batch, tenant=tenant, job_id=job_id, services=services)
        raise


def _source(
    request: IngestRequest, *, tenant: str, job_id: str, attempt: Attempt, services: QueryServices
) -> tuple[str, str, Callable[[], Content]]:
    """Return the batch, the digest of all that decides what it will be, and what reads it."""
    if request.campaign is not None:
        data = _report_bytes(request.campaign, services)
        digest = _digest(CAMPAIGN_READER, data, request)
        return (
            f"campaign:{request.campaign}",
            digest,
            lambda: _read_campaign(data, request, tenant=tenant, job_id=job_id, services=services),
        )
    table, media_type, source = _bytes_of(request, tenant, services)
    form = detect(_head(table), media_type, request.format)
    name = request.name or str(source["sha256"])[:32]
    source = source | {"job": job_id, "media_type": media_type, "format": form.value}
    if form in TABLES:
        digest = _digest(MEASUREMENTS_READER, str(source["sha256"]).encode(), request)
        firmware = request.firmware.removeprefix("sha256:") if request.firmware else None
        return (
            f"measurements:{name}",
            digest,
            lambda: from_measurements(
                table,
                form,
                name=name,
                title=request.title,
                tags=request.tags,
                firmware=firmware,
                known=lambda prefix: _firmware_of(prefix, tenant, services),
                created_at=services.clock(),
                source=source,
                check=attempt.check,
            ),
        )
    digest = _digest(DOCUMENT_READER, str(source["sha256"]).encode(), request)
    return (
        f"document:{name}",
        digest,
        lambda: _refined(
            read_document(
                table if isinstance(table, bytes) else _small(table),
                format=form,
                name=name,
                title=request.title,
                tags=request.tags,
                tokenizer=tokenizer(),
                known=Known(tenant, services, check=attempt.check),
                created_at=services.clock(),
                source=source,
            ),
            services,
        ),
    )


def _refined(content: Content, services: QueryServices) -> Content:
    """Let a language model look for more entities, where one is set up for that."""
    if services.model is None or not services.model_extracts:
        return content
    return refine(content, services.model, timeout_s=EXTRACTION_S)


@cache
def tokenizer() -> Tokenizer:
    """Return the encoder's tokenizer, by which documents are cut."""
    return Tokenizer(model_folder())


def _bytes_of(request: IngestRequest, tenant: str, services: QueryServices) -> tuple[Table, str, dict[str, Any]]:
    if request.text is not None:
        data = request.text.encode()
        return data, "text/plain", {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    artifact_id = str(request.artifact)
    try:
        artifact, path = services.artifacts.stat(tenant, artifact_id), services.artifacts.path(tenant, artifact_id)
    except NotFound as error:
        raise InvalidInput("There is no such artifact.", field="artifact") from error
    sha256 = artifact_id.removeprefix("sha256:")
    return path, artifact.media_type, {"artifact": artifact_id, "sha256": sha256, "bytes": artifact.bytes}


def _head(table: Table) -> bytes:
    """Return the beginning of a file and, of a longer one, its last bytes: some formats are told by both."""
    if isinstance(table, bytes):
        return table if len(table) <= HEAD else table[:HEAD] + table[-TAIL:]
    with table.open("rb") as file:
        head = file.read(HEAD)
        file.seek(max(len(head), table.stat().st_size - TAIL))
        return head + file.read(TAIL)


def _small(path: Path) -> bytes:
    if path.stat().st_size > MAX_DOCUMENT_BYTES:
        raise TooLarge(f"Documents have at most {MAX_DOCUMENT_BYTES} bytes.", field="artifact")
    return path.read_bytes()


def _digest(reader: str, content: bytes, request: IngestRequest) -> str:
    """Return what is equal only where the same would be written."""
    words = [reader, hashlib.sha256(content).hexdigest(), request.title, sorted(request.tags), request.format]
    return hashlib.sha256(json.dumps([*words, request.firmware]).encode()).hexdigest()


def _report_bytes(campaign: str, services: QueryServices) -> bytes:
    try:
        path = services.campaigns.path(campaign, "report.json")
    except NotFound as error:
        raise InvalidInput("There is no such campaign, or it has no report.", field="campaign") from error
    if path.stat().st_size > MAX_REPORT_BYTES:
        raise TooLarge(f"Reports have at most {MAX_REPORT_BYTES} bytes.", field="campaign")
    return path.read_bytes()


def _read_campaign(
    data: bytes, request: IngestRequest, *, tenant: str, job_id: str, services: QueryServices
) -> Content:
    try:
        report = Report.model_validate_json(data)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])
        told = f"The campaign's report cannot be read{f': {where[:100]}' if where else ''}."
        raise InvalidInput(told, field="campaign") from error
    if report.campaign != request.campaign:
        raise InvalidInput("The report is that of another campaign.", field="campaign")
    wanted = next((tag.removeprefix("baseline:") for tag in request.tags if tag.startswith("baseline:")), None)
    baseline = None if wanted is None else _baseline(wanted, tenant, services)
    return from_campaign(report, tags=request.tags, job=job_id, baseline=baseline)


def _baseline(campaign: str, tenant: str, services: QueryServices) -> Report | None:
    """Return the report of a campaign that is seen; None also where it is of a form that is not read any more."""
    batch = f"campaign:{campaign}"
    if batch in read_corpus(services.documents, tenant).hidden:
        return None
    kept = services.documents.get(tenant, Shelf.ANALYSIS_RESULTS, [batch]).get(batch)
    try:
        return None if kept is None else kept_report(kept)
    except (ValidationError, zlib.error):
        return None


def _firmware_of(prefix: str, tenant: str, services: QueryServices) -> str | None:
    """Return the firmware whose digest begins so, if exactly one is known."""
    selection = Selection(Label.FIRMWARE, (Condition("sha256", "starts", prefix),), limit=2)
    hidden = read_corpus(services.documents, tenant).hidden
    found = services.graph.select(tenant, selection, hidden=hidden)
    return found[0].id if len(found) == 1 else None
