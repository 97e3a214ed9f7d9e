"""Artifacts: upload, download, remove. Ids are digests of the content."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from http import HTTPMethod, HTTPStatus

from flask import Response, request
from flask.typing import ResponseReturnValue
from pydantic import Field

from jobs.errors import InvalidInput, NotFound, TooLarge
from jobs.forms import Request
from stores.ports import Artifact, Artifacts
from web.api_v2.answers import ArtifactView, answered
from web.caller import caller
from web.refusals import (
    IncompleteBody,
    MalformedBody,
    StorageExceeded,
    TooSlow,
    Unauthenticated,
    UnsupportedMediaType,
)
from web.routing import PREFIX, Answer, Api, Header
from web.storage import Storage
from web.uploads import ANY, FORM, checked, expected_digest, upload

ID = re.compile(r"sha256:[0-9a-f]{64}")
EXAMPLE = {"artifact_id": f"sha256:{'5e' * 32}", "bytes": 6924, "media_type": ANY}
DIGEST = Header(
    "Content-Digest", "RFC 9530: the SHA-256 that the body must have; `Digest` is read too.", f"sha-256=:{'A' * 43}=:"
)
RANGE = Header("Range", "The part of the bytes to answer with.", "bytes=0-1023")


class UploadQuery(Request):
    """What an upload must be."""

    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$", description="Refuse other bytes than these.")


def artifacts_api(artifacts: Artifacts, storage: Storage, *, limit_bytes: int, is_served: Callable[[str], bool]) -> Api:
    """Serve artifacts of at most `limit_bytes`; `is_served` says whether a tenant still is."""
    api = Api("artifacts")
    place = {"Location": "Where the artifact is."}

    @api.on(
        HTTPMethod.POST,
        path="/artifacts",
        summary="Upload bytes",
        query=UploadQuery,
        upload=(ANY, FORM),
        headers=(DIGEST,),
        answers=(
            Answer(HTTPStatus.CREATED, "The bytes are stored.", ArtifactView, headers=place, example=EXAMPLE),
            Answer(HTTPStatus.OK, "The bytes were there before.", ArtifactView, headers=place, example=EXAMPLE),
        ),
        refusals=(
            TooLarge,
            StorageExceeded,
            InvalidInput,
            IncompleteBody,
            TooSlow,
            MalformedBody,
            UnsupportedMediaType,
        ),
    )
    def upload_artifact(query: UploadQuery) -> Response:
        """Store the body, of any media type, or the part `file` of a form. An upload that is cut leaves nothing."""
        digest = expected_digest(request, named=query.sha256)
        tenant = caller().tenant
        storage.admit(tenant, request.content_length or 0)
        media_type, chunks = upload(request, limit_bytes=limit_bytes)
        chunks = storage.counted(tenant, checked(chunks, digest=digest))
        artifact, is_new = artifacts.put(tenant, chunks, media_type=media_type, limit_bytes=limit_bytes)
        if not is_served(tenant):
            # It was erased while the bytes came in: they must not outlive it.
            with suppress(NotFound):
                artifacts.delete(tenant, artifact.id)
            raise Unauthenticated("The tenant is not served any more.", reason="suspended")
        if is_new:
            storage.stored(tenant, artifact.bytes)
        return answered(
            ArtifactView(artifact_id=artifact.id, bytes=artifact.bytes, media_type=artifact.media_type),
            status=HTTPStatus.CREATED if is_new else HTTPStatus.OK,
            headers={"Location": f"{PREFIX}/artifacts/{artifact.id}"},
        )

    def known(artifact_id: str) -> Artifact:
        if not ID.fullmatch(artifact_id):
            raise NotFound("There is no such artifact.")
        return artifacts.stat(caller().tenant, artifact_id)

    def content(tenant: str, artifact: Artifact) -> Iterator[bytes]:
        # Opened with the first piece only: an answer without a body must not leave a file open.
        yield from artifacts.read(tenant, artifact.id)

    @api.on(
        HTTPMethod.GET,
        HTTPMethod.HEAD,
        path="/artifacts/<artifact_id>",
        summary="Download bytes",
        headers=(RANGE,),
        answers=(
            Answer(HTTPStatus.OK, "The bytes.", media_types=(ANY, "*/*"), headers={"ETag": "The digest."}),
            Answer(HTTPStatus.PARTIAL_CONTENT, "A part of the bytes.", media_types=(ANY, "*/*")),
        ),
        refusals=(NotFound,),
    )
    def download_artifact(artifact_id: str) -> ResponseReturnValue:
        """Return the bytes under the media type that they were uploaded with."""
        artifact = known(artifact_id)
        response = Response(
            content(caller().tenant, artifact),
            content_type=artifact.media_type,
            headers={
                "Content-Disposition": f'attachment; filename="{artifact.id.removeprefix("sha256:")}"',
                # Somebody else's page must not run as ours, even when opened directly.
                "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
                "Cache-Control": "private, max-age=31536000, immutable",
            },
        )
        response.content_length = artifact.bytes
        response.set_etag(artifact.id)
        return response.make_conditional(request, accept_ranges=True, complete_length=artifact.bytes)

    @api.on(
        HTTPMethod.DELETE,
        path="/artifacts/<artifact_id>",
        summary="Remove bytes",
        answers=(Answer(HTTPStatus.NO_CONTENT, "The artifact is gone."),),
        refusals=(NotFound,),
    )
    def delete_artifact(artifact_id: str) -> Response:
        """Remove an artifact. Jobs that name it and have not started will fail."""
        artifact = known(artifact_id)
        artifacts.delete(caller().tenant, artifact.id)
        storage.stored(caller().tenant, -artifact.bytes)
        return Response(status=HTTPStatus.NO_CONTENT)

    return api
