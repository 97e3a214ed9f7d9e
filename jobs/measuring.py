"""Measured traces: taking them in, and fitting a power model to them."""

from jobs.forms import ArtifactId, Request


class ImportRequest(Request):
    """Take measured traces in as a campaign."""

    traces: ArtifactId


class CalibrateRequest(Request):
    """Fit a power model to measured traces, and say how far simulated ones are from them."""

    campaign: str
