"""Profiled attacks on kept traces."""

from jobs.forms import Request


class ProfileRequest(Request):
    """Learn from some of a campaign's kept traces, and attack the others."""

    campaign: str
