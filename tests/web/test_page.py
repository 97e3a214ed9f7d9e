"""The page for people, as files that are served: what it does is tried in `tests/page`."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Behind

INDEX = "<!doctype html><title>Dasein</title>"


@pytest.fixture
def built(farm: Behind) -> FlaskClient:
    """Serve a small build."""
    folder = farm.root / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "theme.js").write_text("0;")
    (folder / ".hidden.js").write_text("secret")
    (folder / "assets" / "index-B0a_1.js").write_text("1;")
    (folder / "assets" / "notes.txt").write_text("no part of a page")
    (farm.root / "outside.js").write_text("secret")
    return farm.client


def test_the_root_leads_to_the_page(built: FlaskClient) -> None:
    answer = built.get("/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/app/")


@pytest.mark.parametrize("place", ["", "jobs", "jobs/01a1-b", "campaigns/new?from=1", "nowhere/at/all", "jobs/a.js/b"])
def test_every_place_within_the_page_is_the_page(built: FlaskClient, place: str) -> None:
    answer = built.get(f"/app/{place}")

    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_the_base_without_its_slash_leads_to_the_page(built: FlaskClient) -> None:
    answer = built.get("/app")

    assert answer.status_code == 308
    assert answer.headers["Location"].endswith("/app/")


def test_an_asset_is_kept_for_ever_and_a_file_beside_the_index_is_asked_for_again(built: FlaskClient) -> None:
    asset, beside = built.get("/app/assets/index-B0a_1.js"), built.get("/app/theme.js")

    assert (asset.text, asset.content_type) == ("1;", "text/javascript; charset=utf-8")
    assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (beside.text, beside.headers["Cache-Control"]) == ("0;", "no-cache")


@pytest.mark.parametrize("name", ["index-older.js", "notes.txt", "..%2findex.html", "a/b.js", ".js"])
def test_an_asset_of_another_build_is_not_found_rather_than_a_page(built: FlaskClient, name: str) -> None:
    answer = built.get(f"/app/assets/{name}")

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    "place", ["../outside.js", "..%2foutside.js", "%2e%2e/outside.js", ".hidden.js", "assets/../.hidden.js"]
)
def test_nothing_outside_of_the_build_and_nothing_hidden_is_served(built: FlaskClient, place: str) -> None:
    assert "secret" not in built.get(f"/app/{place}").text


def test_a_page_that_is_known_is_not_sent_again(built: FlaskClient) -> None:
    etag = built.get("/app/jobs").headers["ETag"]

    answer = built.get("/app/pools", headers={"If-None-Match": etag})

    assert (answer.status_code, answer.data) == (304, b"")


def test_a_new_build_is_served_at_once(built: FlaskClient, farm: Behind) -> None:
    etag = built.get("/app/").headers["ETag"]
    (farm.root / "page" / "index.html").write_text("newer")

    answer = built.get("/app/", headers={"If-None-Match": etag})

    assert (answer.status_code, answer.text) == (200, "newer")


def test_the_policy_lets_scripts_and_styles_come_from_here_alone(built: FlaskClient) -> None:
    policy = dict(part.split(" ", 1) for part in built.get("/app/jobs").headers["Content-Security-Policy"].split("; "))

    assert policy["default-src"] == policy["form-action"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in str(policy)


def test_without_a_build_the_root_leads_to_the_documentation_and_the_page_says_how_to_build_it(
    farm: Behind, client: FlaskClient
) -> None:
    assert not Path(farm.root / "page").exists()

    root, page = client.get("/"), client.get("/app/jobs")

    assert (root.status_code, root.headers["Location"]) == (302, "/api/docs")
    assert (page.status_code, page.get_json(force=True)["code"]) == (404, "page-not-built")
    assert "make ui" in page.get_json(force=True)["detail"]
