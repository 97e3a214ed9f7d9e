"""What runs here, for clients that have to know whom they talk to."""

from http import HTTPMethod, HTTPStatus

from flask import Response
from pydantic import Field

from jobs.rem import SCHEMA_VERSION
from jobs.rem_sequence import SequenceReport
from jobs.report import Report
from web.api_v2.answers import Shown, answered
from web.routing import Answer, Api


class VersionView(Shown):
    """What runs here."""

    version: str = Field(description="Of the farm, by semantic versioning; a client of the same major version fits.")
    build: str | None = Field(description="Commit or image that runs, as its operator named it; null if nobody did.")
    api: list[str] = Field(description="Versions of this API that are served, newest first.")
    formats: dict[str, str] = Field(description="Versions of the documents that are written, by their kind.")


def version_api(version: str, build: str | None) -> Api:
    """Serve the version."""
    api = Api("version")
    view = VersionView(
        version=version,
        build=build,
        api=["v2", "v1"],
        formats={
            "report": Report.model_fields["schema_version"].default,
            "rem": SCHEMA_VERSION,
            "rem-sequence": SequenceReport.model_fields["schema_version"].default,
        },
    )

    @api.on(
        HTTPMethod.GET,
        path="/version",
        summary="Tell the version",
        answers=(Answer(HTTPStatus.OK, "What runs here.", VersionView),),
    )
    def show_version() -> Response:
        """Tell the version of the farm, of this API and of its documents."""
        return answered(view)

    return api
