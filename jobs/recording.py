"""Recording a run with the 72-dimension recorder."""

from jobs.forms import ArtifactId, Request
from jobs.target import Target


class RecordRequest(Request):
    """Run a target again and again, and write a record each period of virtual time."""

    firmware: ArtifactId
    target: Target
