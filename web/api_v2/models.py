"""Models: which machine holds which, and how they are doing."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPMethod, HTTPStatus

from flask import Response
from pydantic import Field

from jobs.forging import NodeModels
from stores.ports import ModelStates
from web.api_v2.answers import Shown, answered
from web.routing import Answer, Api


class ModelsView(Shown):
    """The models of all machines."""

    machines: tuple[NodeModels, ...] = Field(description="By name; a machine that has fallen silent is left out.")


def models_api(models: ModelStates, *, clock: Callable[[], datetime]) -> Api:
    """Serve models."""
    api = Api("models")

    @api.on(
        HTTPMethod.GET,
        path="/models",
        summary="Look at the models",
        answers=(Answer(HTTPStatus.OK, "Machines and their models.", ModelsView),),
    )
    def list_models() -> Response:
        """List the models that are set up, with version, digest, licence, device and memory, machine by machine."""
        return answered(ModelsView(machines=tuple(models.read(clock().timestamp()))))

    return api
