"""The page for people: what `make ui` built, served below /app with a policy of its own. The API works without it."""

import re
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from jobs.errors import NotFound
from web.refusals import PageNotBuilt

BASE = "/app"
FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}")
"""What the build calls its files: never a path, never hidden."""
TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}
"""What is served, and as what: the system's own table differs from one to the next."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "media-src blob:; frame-src blob:; font-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Files and reports are fetched with the key and shown from the page's own memory (blob:); what is framed has no scripts."""
HEADERS = {"Content-Security-Policy": POLICY, "Cross-Origin-Opener-Policy": "same-origin"}
FOREVER = "public, max-age=31536000, immutable"
"""Names of assets hold a digest of what is in them."""


def page(folder: Path) -> Blueprint:
    """Serve the page that was built into `folder`, and lead there from the root; look anew each time it is asked for."""
    blueprint = Blueprint("page", __name__)

    @blueprint.get("/")
    def root() -> ResponseReturnValue:
        return redirect(f"{BASE}/" if (folder / "index.html").is_file() else "/api/docs")

    @blueprint.get(f"{BASE}/")
    @blueprint.get(f"{BASE}/<path:place>")
    def show(place: str = "") -> Response:
        # What is no file is a place within the page, which finds its own way.
        return _file(folder, place) or _index(folder)

    @blueprint.get(f"{BASE}/assets/<path:name>")
    def asset(name: str) -> Response:
        found = _file(folder / "assets", name)
        if found is None:
            # Of another build: a page in its place would be taken for a script.
            raise NotFound("This build of the page has no such file.")
        found.headers["Cache-Control"] = FOREVER
        return found

    return blueprint


def _index(folder: Path) -> Response:
    found = _file(folder, "index.html")
    if found is None:
        raise PageNotBuilt(
            "The page has not been built here. Build it with `make ui` in the repository, and load this again. "
            "The API works without it; its documentation is at /api/docs."
        )
    return found


def _file(folder: Path, name: str) -> Response | None:
    media_type = TYPES.get(Path(name).suffix)
    path = folder / name
    if media_type is None or not FILE.fullmatch(name) or not path.is_file():
        return None
    content = path.read_bytes()
    response = Response(
        content, HTTPStatus.OK, HEADERS | {"Cache-Control": "no-cache"}, content_type=_content(media_type)
    )
    response.set_etag(sha256(content).hexdigest())
    response.make_conditional(request)
    return response


def _content(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
