"""Comparing two simulators."""

from jobs.forms import ArtifactId, Request
from jobs.target import Target


class CrosscheckRequest(Request):
    """Execute the same on both simulators, and find where their ways part."""

    firmware: ArtifactId
    target: Target
