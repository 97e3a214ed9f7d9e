"""Health for whoever runs the process: up or not, and nothing else."""

from flask import Blueprint, Response, jsonify

from jobs.errors import StoreUnavailable
from stores.ports import Jobs
from web.refusals import Unready


def health(jobs: Jobs) -> Blueprint:
    """Serve `/health/live`, the process answers, and `/health/ready`, it can take jobs."""
    blueprint = Blueprint("health", __name__, url_prefix="/health")

    @blueprint.get("/live")
    def live() -> Response:
        return jsonify(status="up")

    @blueprint.get("/ready")
    def ready() -> Response:
        try:
            jobs.ping()
        except StoreUnavailable as error:
            raise Unready("Not ready.") from error
        return jsonify(status="up")

    return blueprint
