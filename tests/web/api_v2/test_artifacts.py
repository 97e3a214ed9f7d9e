"""Artifacts over HTTP."""

import base64
import io
from hashlib import sha256
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Behind

CONTENT = b"\x7fELF" + bytes(range(256)) * 40
DIGEST = sha256(CONTENT).hexdigest()
PLACE = f"/api/v2/artifacts/sha256:{DIGEST}"


def form_of(content: bytes) -> dict[str, Any]:
    """Return a request with a form of one large file; the client's own encoder would leave a temporary file open."""
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    return {"data": head + content + b"\r\n--edge--\r\n", "content_type": "multipart/form-data; boundary=edge"}


def test_bytes_are_stored_under_their_digest_and_come_back(client: FlaskClient) -> None:
    answer = client.post("/api/v2/artifacts", data=CONTENT, content_type="application/x-elf; charset=binary")
    back = client.get(answer.headers["Location"])

    assert (answer.status_code, answer.headers["Location"]) == (201, PLACE)
    assert answer.get_json() == {
        "artifact_id": f"sha256:{DIGEST}",
        "bytes": len(CONTENT),
        "media_type": "application/x-elf",
    }
    assert (back.status_code, back.data, back.mimetype) == (200, CONTENT, "application/x-elf")
    assert back.headers["ETag"] == f'"sha256:{DIGEST}"'
    assert back.headers["Content-Disposition"].startswith("attachment")


def test_the_same_bytes_again_answer_200(client: FlaskClient) -> None:
    first = client.post("/api/v2/artifacts", data=CONTENT)
    second = client.post("/api/v2/artifacts", data=CONTENT)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.get_json() == first.get_json()
    assert second.headers["Location"] == PLACE


def test_without_a_content_type_bytes_are_just_bytes(client: FlaskClient) -> None:
    answer = client.post("/api/v2/artifacts", data=CONTENT)

    assert answer.get_json()["media_type"] == "application/octet-stream"


def test_the_file_of_a_form_is_stored_with_the_parts_own_type(client: FlaskClient) -> None:
    form = {"file": (io.BytesIO(CONTENT), "firmware.elf", "application/x-elf")}

    answer = client.post("/api/v2/artifacts", data=form)

    assert answer.status_code == 201
    assert answer.get_json() == {
        "artifact_id": f"sha256:{DIGEST}",
        "bytes": len(CONTENT),
        "media_type": "application/x-elf",
    }


def test_a_large_file_of_a_form_arrives_in_pieces_unharmed(client: FlaskClient) -> None:
    # Line ends and dashes everywhere: whatever looks like the beginning of a boundary.
    content = b"\r\n--" * 150_000

    answer = client.post("/api/v2/artifacts", **form_of(content))

    assert answer.get_json()["artifact_id"] == f"sha256:{sha256(content).hexdigest()}"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"other": (io.BytesIO(b"x"), "x")}, 422),
        ({"file": "not a file"}, 422),
        ({"file": (io.BytesIO(b"x"), "x"), "more": "text"}, 422),
        ({"file": (io.BytesIO(b""), "x")}, 422),
    ],
)
def test_a_form_that_is_not_one_file_is_refused_and_leaves_nothing(
    farm: Behind, client: FlaskClient, form: dict[str, object], status: int
) -> None:
    answer = client.post("/api/v2/artifacts", data=form, content_type="multipart/form-data")

    assert answer.status_code == status
    assert farm.left_behind() == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"abc", "multipart/form-data"),
        (b"--b\r\n", "multipart/form-data; boundary=b"),
        (b"nothing of a form", "multipart/form-data; boundary=b"),
        (b"x" * 500_000, "multipart/form-data; boundary=b"),
        (b"--b\r\nContent-Type: x\r\n\r\nabc\r\n--b--", "multipart/form-data; boundary=b"),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nabc',
            "multipart/form-data; boundary=b",
        ),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="\xff"\r\n\r\nabc\r\n--b--',
            "multipart/form-data; boundary=b",
        ),
    ],
)
def test_a_form_that_cannot_be_read_is_refused_and_leaves_nothing(
    farm: Behind, client: FlaskClient, body: bytes, content_type: str
) -> None:
    answer = client.post("/api/v2/artifacts", data=body, content_type=content_type)

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (400, "malformed-body")
    assert farm.left_behind() == []


def test_an_upload_over_the_limit_is_refused_and_leaves_nothing(farm: Behind, client: FlaskClient) -> None:
    content = b"x" * (2**20 + 1)

    announced = client.post("/api/v2/artifacts", data=content)
    in_a_form = client.post("/api/v2/artifacts", **form_of(content))
    unannounced = client.post(
        "/api/v2/artifacts",
        input_stream=io.BytesIO(content),
        environ_overrides={"wsgi.input_terminated": True},
    )

    for answer in (announced, in_a_form, unannounced):
        assert (answer.status_code, answer.get_json(force=True)["code"]) == (413, "too-large")
    assert farm.left_behind() == []


def test_an_upload_of_exactly_the_limit_is_stored(client: FlaskClient) -> None:
    assert client.post("/api/v2/artifacts", data=b"x" * 2**20).status_code == 201


def test_an_empty_upload_is_refused(farm: Behind, client: FlaskClient) -> None:
    answer = client.post("/api/v2/artifacts", data=b"")

    assert answer.status_code == 422
    assert farm.left_behind() == []


@pytest.mark.parametrize("content_type", ["elf", "a/b/c", "text/", "/", "text/ht ml", "x" * 300 + "/y"])
def test_a_content_type_that_is_none_is_refused(farm: Behind, client: FlaskClient, content_type: str) -> None:
    answer = client.post("/api/v2/artifacts", data=CONTENT, content_type=content_type)

    assert (answer.status_code, answer.get_json(force=True)["field"]) == (415, "Content-Type")
    assert farm.left_behind() == []


def right(digest: str) -> str:
    return base64.b64encode(bytes.fromhex(digest)).decode()


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        (f"?sha256={DIGEST}", {}),
        ("", {"Content-Digest": f"sha-256=:{right(DIGEST)}:"}),
        ("", {"Content-Digest": f"md5=:AAAA:, sha-256=:{right(DIGEST)}:"}),
        ("", {"Digest": f"SHA-256={right(DIGEST)}"}),
        ("", {"Content-Digest": "sha-512=:AAAA:"}),
    ],
)
def test_bytes_that_have_the_announced_digest_are_stored(
    client: FlaskClient, query: str, headers: dict[str, str]
) -> None:
    assert client.post(f"/api/v2/artifacts{query}", data=CONTENT, headers=headers).status_code == 201


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        (f"?sha256={'0' * 64}", {}),
        ("", {"Content-Digest": f"sha-256=:{right('0' * 64)}:"}),
        ("", {"Digest": f"sha-256={right('0' * 64)}"}),
        (f"?sha256={DIGEST}", {"Digest": f"sha-256={right('0' * 64)}"}),
        ("?sha256=abc", {}),
    ],
)
def test_bytes_of_another_digest_are_refused_and_leave_nothing(
    farm: Behind, client: FlaskClient, query: str, headers: dict[str, str]
) -> None:
    answer = client.post(f"/api/v2/artifacts{query}", data=CONTENT, headers=headers)

    assert (answer.status_code, answer.get_json(force=True)["field"]) == (422, "sha256")
    assert farm.left_behind() == []


@pytest.mark.parametrize(
    ("wanted", "status", "got"),
    [("bytes=0-3", 206, b"\x7fELF"), ("bytes=4-", 206, CONTENT[4:]), ("bytes=-2", 206, CONTENT[-2:])],
)
def test_a_part_of_the_bytes_can_be_had(client: FlaskClient, wanted: str, status: int, got: bytes) -> None:
    client.post("/api/v2/artifacts", data=CONTENT)

    answer = client.get(PLACE, headers={"Range": wanted})

    assert (answer.status_code, answer.data) == (status, got)
    assert answer.headers["Content-Range"].endswith(f"/{len(CONTENT)}")


def test_a_part_beyond_the_end_is_a_problem(client: FlaskClient) -> None:
    client.post("/api/v2/artifacts", data=CONTENT)

    answer = client.get(PLACE, headers={"Range": "bytes=999999-"})

    assert (answer.status_code, answer.mimetype) == (416, "application/problem+json")


def test_head_tells_the_size_and_sends_nothing(client: FlaskClient) -> None:
    client.post("/api/v2/artifacts", data=CONTENT)

    answer = client.head(PLACE)

    assert (answer.status_code, answer.data, answer.content_length) == (200, b"", len(CONTENT))


def test_a_client_that_has_the_bytes_is_told_so(client: FlaskClient) -> None:
    client.post("/api/v2/artifacts", data=CONTENT)

    answer = client.get(PLACE, headers={"If-None-Match": f'"sha256:{DIGEST}"'})

    assert (answer.status_code, answer.data) == (304, b"")


def test_a_removed_artifact_is_gone(farm: Behind, client: FlaskClient) -> None:
    client.post("/api/v2/artifacts", data=CONTENT)

    removed = client.delete(PLACE)

    assert (removed.status_code, removed.data) == (204, b"")
    assert [client.open(PLACE, method=method).status_code for method in ("GET", "HEAD", "DELETE")] == [404] * 3
    assert farm.left_behind() == []


@pytest.mark.parametrize("name", ["x", "sha256:x", f"sha256:{'A' * 64}", "..%2f..%2fetc%2fpasswd", f"md5:{'0' * 64}"])
def test_a_name_that_is_no_artifacts_is_404(client: FlaskClient, name: str) -> None:
    assert client.get(f"/api/v2/artifacts/{name}").status_code == 404


def test_uploaded_pages_cannot_run_as_ours(client: FlaskClient) -> None:
    place = client.post("/api/v2/artifacts", data=b"<script>", content_type="text/html").headers["Location"]

    answer = client.get(place)

    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
