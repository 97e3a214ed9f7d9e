"""Who makes the present request."""

from typing import cast

from flask import g

from jobs.identity import Principal


def caller() -> Principal:
    """Return who makes this request; `guard` knows before any view runs.

    What goes on after the view, as a stream does, must keep what it needs of this.
    """
    return cast("Principal", g.caller)
