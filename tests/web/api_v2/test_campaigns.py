"""Campaigns over HTTP: submit, report, traces."""

import io
import json
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from jobs.model import Failure
from jobs.payloads import CampaignRequest
from stores import curves
from tests.web.conftest import Behind, campaign

FILES = {
    "report.json": b'{"schema_version": "report/1"}',
    "report.html": b"<!doctype html><script>1</script>",
    "report.csv": b"address,mnemonic\n",
    "report.png": b"\x89PNG\r\n",
}
TRACES = b"\x93NUMPY" + bytes(5000)


def submitted(farm: Behind, **changes: object) -> str:
    answer = farm.client.post("/api/v2/campaigns", json=campaign(farm.firmware(), **changes))
    assert answer.status_code == 202, answer.text
    return str(answer.get_json()["id"])


def ended(farm: Behind, *, traces: bool = False) -> str:
    campaign_id = submitted(farm, keep_traces=traces)
    for name, content in FILES.items():
        farm.files.write(campaign_id, name, [content])
    if traces:
        farm.files.write(campaign_id, "traces.npy", [TRACES])
    farm.jobs.finish(campaign_id, {"verdict": "leaks"})
    return campaign_id


def test_a_campaign_is_a_job_whose_params_are_the_request_without_how_to_queue_it(
    farm: Behind, client: FlaskClient
) -> None:
    body = campaign(farm.firmware())

    answer = client.post("/api/v2/campaigns", json=body | {"priority": 8, "tags": ["ci"], "deadline_s": 60})

    job = answer.get_json()
    assert (answer.status_code, job["kind"], job["priority"], job["tags"]) == (202, "campaign", 8, ["ci"])
    assert CampaignRequest.model_validate(job["params"]) == CampaignRequest.model_validate(body)
    assert job["links"]["report"] == f"/api/v2/campaigns/{job['id']}/report"
    assert job["links"]["traces"] is None
    assert farm.queue.sent == [("campaign", job["id"], 8)]


def test_a_campaign_submitted_as_a_job_is_the_same(farm: Behind, client: FlaskClient) -> None:
    body = campaign(farm.firmware())

    direct = client.post("/api/v2/campaigns", json=body).get_json()
    as_job = client.post("/api/v2/jobs", json={"kind": "campaign", "params": body}).get_json()

    assert as_job["params"] == direct["params"]


def test_a_campaign_replayed_with_its_key_is_the_same_one(farm: Behind, client: FlaskClient) -> None:
    body, key = campaign(farm.firmware()), {"Idempotency-Key": "k"}

    first = client.post("/api/v2/campaigns", json=body, headers=key).get_json()["id"]
    again = client.post("/api/v2/campaigns", json=body, headers=key)
    other = client.post("/api/v2/campaigns", json=body | {"seed": 2}, headers=key)

    assert again.get_json()["id"] == first
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        (None, "report.json"),
        ("*/*", "report.json"),
        ("application/json", "report.json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "report.html"),
        ("text/csv", "report.csv"),
        ("image/*", "report.png"),
        ("application/json;q=0.2, text/csv;q=0.7", "report.csv"),
        ("application/json;q=0, */*;q=0.5", "report.html"),
        ("image/png, text/*;q=0", "report.png"),
    ],
)
def test_a_report_comes_in_the_form_that_the_client_likes_best(
    farm: Behind, client: FlaskClient, accept: str | None, name: str
) -> None:
    campaign_id = ended(farm)

    answer = client.get(f"/api/v2/campaigns/{campaign_id}/report", headers={"Accept": accept} if accept else {})

    assert (answer.status_code, answer.data) == (200, FILES[name])
    assert answer.headers["ETag"] == f'"{sha256(FILES[name]).hexdigest()}"'
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Vary"] == "Accept"


@pytest.mark.parametrize("name", ["json", "html", "csv", "png"])
def test_a_form_named_in_the_query_wins(farm: Behind, client: FlaskClient, name: str) -> None:
    path = f"/api/v2/campaigns/{ended(farm)}/report?format={name}"

    answer = client.get(path, headers={"Accept": "application/xml"})

    assert (answer.status_code, answer.data) == (200, FILES[f"report.{name}"])


def test_no_acceptable_form_is_406_with_the_list_of_forms(farm: Behind, client: FlaskClient) -> None:
    answer = client.get(f"/api/v2/campaigns/{ended(farm)}/report", headers={"Accept": "application/pdf"})

    document = answer.get_json(force=True)
    assert (answer.status_code, document["code"]) == (406, "not-acceptable")
    assert all(name in document["detail"] for name in ("application/json", "text/html", "text/csv", "image/png"))


def test_an_unknown_form_is_refused(farm: Behind, client: FlaskClient) -> None:
    answer = client.get(f"/api/v2/campaigns/{ended(farm)}/report?format=pdf")

    assert (answer.status_code, answer.get_json(force=True)["field"]) == (422, "format")


def test_a_client_that_has_the_report_is_told_so(farm: Behind, client: FlaskClient) -> None:
    path = f"/api/v2/campaigns/{ended(farm)}/report"
    tag = client.get(path).headers["ETag"]

    answer = client.get(path, headers={"If-None-Match": tag})

    assert (answer.status_code, answer.data) == (304, b"")


def test_the_page_may_run_its_own_scripts_and_reach_nothing(farm: Behind, client: FlaskClient) -> None:
    answer = client.get(f"/api/v2/campaigns/{ended(farm)}/report?format=html")

    policy = [part.strip() for part in answer.headers["Content-Security-Policy"].split(";")]
    assert {"default-src 'none'", "script-src 'unsafe-inline'", "style-src 'unsafe-inline'"} <= set(policy)
    assert "sandbox allow-scripts allow-downloads" in policy
    assert not any(part.startswith("connect-src") for part in policy)


@pytest.mark.parametrize("path", ["report", "traces", "series", "listing"])
def test_a_campaign_that_goes_on_has_nothing_to_show_yet(farm: Behind, client: FlaskClient, path: str) -> None:
    campaign_id = submitted(farm, keep_traces=True)
    queued = client.get(f"/api/v2/campaigns/{campaign_id}/{path}")
    farm.start(campaign_id)

    running = client.get(f"/api/v2/campaigns/{campaign_id}/{path}")

    for answer in (queued, running):
        assert (answer.status_code, answer.get_json(force=True)["code"]) == (409, "not-ready")


def test_a_campaign_that_failed_has_no_report_and_says_why(farm: Behind, client: FlaskClient) -> None:
    campaign_id = submitted(farm)
    farm.jobs.fail(campaign_id, Failure("invalid-firmware", "Not an ELF for this core."))

    answer = client.get(f"/api/v2/campaigns/{campaign_id}/report")

    document = answer.get_json(force=True)
    assert (answer.status_code, document["code"]) == (404, "no-report")
    assert "Not an ELF for this core." in document["detail"]


@pytest.mark.parametrize("path", ["report", "traces", "series", "listing"])
def test_what_is_no_campaign_has_no_report(farm: Behind, client: FlaskClient, path: str) -> None:
    job = farm.submit()
    farm.jobs.finish(job.id, {})

    of_a_ping = client.get(f"/api/v2/campaigns/{job.id}/{path}")
    of_nobody = client.get(f"/api/v2/campaigns/nobody/{path}")

    assert (of_a_ping.status_code, of_nobody.status_code) == (404, 404)
    assert of_a_ping.get_json(force=True)["code"] == "not-found"


def test_traces_that_were_kept_can_be_had_whole_and_in_part(farm: Behind, client: FlaskClient) -> None:
    campaign_id = ended(farm, traces=True)
    path = client.get(f"/api/v2/jobs/{campaign_id}").get_json()["links"]["traces"]

    whole = client.get(path)
    part = client.get(path, headers={"Range": "bytes=0-5"})

    assert (whole.status_code, whole.data) == (200, TRACES)
    assert whole.headers["Content-Disposition"].startswith("attachment")
    assert (part.status_code, part.data) == (206, b"\x93NUMPY")


def test_what_the_traces_belong_to_can_be_had_too(farm: Behind, client: FlaskClient) -> None:
    campaign_id = ended(farm, traces=True)
    farm.files.write(campaign_id, "groups.npy", [b"groups"])

    groups = client.get(f"/api/v2/campaigns/{campaign_id}/traces?part=groups")
    other = client.get(f"/api/v2/campaigns/{campaign_id}/traces?part=plan.npz")

    assert (groups.status_code, groups.data) == (200, b"groups")
    assert (other.status_code, other.get_json(force=True)["field"]) == (422, "part")


def test_traces_that_were_not_kept_are_a_problem_of_their_own(farm: Behind, client: FlaskClient) -> None:
    answer = client.get(f"/api/v2/campaigns/{ended(farm)}/traces")

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (404, "traces-not-kept")


def test_traces_and_reports_that_were_removed_are_problems_too(farm: Behind, client: FlaskClient) -> None:
    campaign_id = ended(farm, traces=True)
    for name in ("report.csv", "traces.npy"):
        farm.files.delete(campaign_id, name)

    report = client.get(f"/api/v2/campaigns/{campaign_id}/report?format=csv")
    traces = client.get(f"/api/v2/campaigns/{campaign_id}/traces")

    assert (report.status_code, report.get_json(force=True)["code"]) == (404, "no-report")
    assert (traces.status_code, traces.get_json(force=True)["code"]) == (404, "traces-not-kept")


def with_curves(farm: Behind, **curves_: list[float]) -> str:
    campaign_id = ended(farm)
    pcs = np.arange(0x08000000, 0x08000000 + 2 * 100, 2, dtype=np.uint32)
    shown = {"mean": np.arange(100.0), "t1": np.where(np.arange(100) == 50, np.inf, np.arange(100) / 7)}
    curves.save(farm.files, campaign_id, pcs, shown | {name: np.array(values) for name, values in curves_.items()})
    return campaign_id


def test_curves_can_be_had_sample_by_sample_and_thinned(farm: Behind, client: FlaskClient) -> None:
    path = f"/api/v2/campaigns/{with_curves(farm)}/series"

    exact = client.get(f"{path}?from=40&to=60").get_json()
    thin = client.get(f"{path}?points=10").get_json()

    assert (exact["from"], exact["to"], exact["stride"], exact["samples"]) == (40, 60, 1, 100)
    assert exact["t1"]["low"][:2] == [round(40 / 7, 4), round(41 / 7, 4)]
    assert exact["t1"]["high"][10] is None
    assert exact["pcs"][0] == 0x08000000 + 80
    assert (thin["stride"], thin["mean"]["low"][1], thin["mean"]["high"][1], thin["rho"]) == (10, 10, 19, None)
    assert thin["worst"][5] == 50


def test_the_buckets_of_an_instruction_are_marked(farm: Behind, client: FlaskClient) -> None:
    path = f"/api/v2/campaigns/{with_curves(farm)}/series"

    assert client.get(f"{path}?points=10&address={0x08000000 + 2 * 42}").get_json()["marked"] == [4]


def test_the_code_behind_samples_comes_worst_first_and_says_what_it_left_out(farm: Behind, client: FlaskClient) -> None:
    path = f"/api/v2/campaigns/{with_curves(farm)}/listing"

    found = client.get(f"{path}?from=48&to=53&limit=2").get_json()

    assert (found["total"], found["from"], found["to"]) == (5, 48, 53)
    assert [row["address"] for row in found["instructions"]] == [0x08000000 + 2 * 50, 0x08000000 + 2 * 52]
    assert (found["instructions"][0]["max_abs_t1"], found["instructions"][0]["max_abs_rho"]) == (None, None)


@pytest.mark.parametrize(
    ("query", "field"),
    [("from=-1", "from"), ("points=0", "points"), ("points=20001", "points"), ("to=x", "to"), ("window=1", "window")],
)
def test_a_window_that_cannot_be_is_refused_by_name(farm: Behind, client: FlaskClient, query: str, field: str) -> None:
    answer = client.get(f"/api/v2/campaigns/{with_curves(farm)}/series?{query}")

    assert (answer.status_code, answer.get_json(force=True)["field"]) == (422, field)


def test_an_empty_window_is_refused(farm: Behind, client: FlaskClient) -> None:
    answer = client.get(f"/api/v2/campaigns/{with_curves(farm)}/listing?from=9&to=9")

    assert (answer.status_code, answer.get_json(force=True)["detail"]) == (422, "to must be above from")


@pytest.mark.parametrize("path", ["series", "listing"])
def test_a_report_whose_curves_were_not_kept_says_so(farm: Behind, client: FlaskClient, path: str) -> None:
    answer = client.get(f"/api/v2/campaigns/{ended(farm)}/{path}")

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (404, "no-report")
    assert "earlier version" in answer.get_json(force=True)["detail"]


@pytest.mark.parametrize("kind", ["inspect", "estimate"])
def test_questions_about_firmware_that_is_not_there_are_refused_at_the_door(
    farm: Behind, client: FlaskClient, kind: str
) -> None:
    missing = f"sha256:{'0' * 64}"
    params = {"firmware": missing} if kind == "inspect" else campaign(missing)

    refused = client.post("/api/v2/jobs", json={"kind": kind, "params": params})
    params["firmware"] = farm.firmware()
    taken = client.post("/api/v2/jobs", json={"kind": kind, "params": params})

    assert (refused.status_code, refused.get_json(force=True)["field"]) == (422, "params.firmware")
    assert (taken.status_code, taken.get_json()["kind"]) == (202, kind)


def kept(farm: Behind, campaign_id: str, **arrays: np.ndarray[Any, Any]) -> None:
    """Leave arrays among the files of a campaign."""
    for name, array in arrays.items():
        np.save(farm.files.folder(campaign_id) / f"{name}.npy", array)


def test_traces_come_in_the_forms_of_other_tools_with_what_belongs_to_each(farm: Behind, client: FlaskClient) -> None:
    campaign_id = ended(farm, traces=True)
    inputs = np.arange(2 * 32, dtype=np.uint8).reshape(2, 32)
    kept(farm, campaign_id, traces=np.ones((2, 4), np.float32), inputs=inputs, groups=np.array([0, 1], np.uint8))

    first, again = (client.get(f"/api/v2/campaigns/{campaign_id}/traces?format=npz") for _ in range(2))

    assert first.status_code == 200, first.text
    assert first.headers["Content-Disposition"].endswith(f"campaign-{campaign_id}-traces.npz")
    assert again.data == first.data
    with np.load(io.BytesIO(first.data)) as arrays:
        assert sorted(arrays) == ["group", "key", "plaintext", "traces"]
        np.testing.assert_array_equal(arrays["plaintext"], inputs[:, 16:])


def test_traces_that_cannot_be_written_are_a_fault_of_the_store(farm: Behind, client: FlaskClient) -> None:
    campaign_id = ended(farm, traces=True)

    answer = client.get(f"/api/v2/campaigns/{campaign_id}/traces?format=parquet")

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (503, "store-unavailable")


def test_an_import_is_a_campaign_with_a_report_and_traces(farm: Behind, client: FlaskClient) -> None:
    job = client.post("/api/v2/jobs", json={"kind": "simulation.import", "params": {"artifact": farm.firmware()}})
    import_id = job.get_json()["id"]
    for name, content in FILES.items():
        farm.files.write(import_id, name, [content])
    farm.files.write(import_id, "layout.json", [b'{"values": {"nonce": [0, 2]}}'])
    inputs = np.array([[1, 2], [3, 4]], np.uint8)
    kept(farm, import_id, traces=np.ones((2, 4), np.float32), inputs=inputs, groups=np.array([0, 1], np.uint8))
    farm.jobs.finish(import_id, {})

    links = client.get(f"/api/v2/jobs/{import_id}").get_json()["links"]
    report, traces = (client.get(links[name]) for name in ("report", "traces"))
    exported = client.get(f"{links['traces']}?format=npz")

    assert (report.status_code, traces.status_code, exported.status_code) == (200, 200, 200)
    with np.load(io.BytesIO(exported.data)) as arrays:
        np.testing.assert_array_equal(arrays["nonce"], inputs)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"artifact": f"sha256:{'0' * 64}"}, "params.artifact"),
        ({"artifact": "sha256:x"}, "params.artifact"),
        ({"artifact": None, "clock": {"samples_per_cycle": 4}}, "params"),
        ({"artifact": None, "samples": [5, 5]}, "params"),
        ({"artifact": None, "values": {"traces": "x"}}, "params"),
        ({"artifact": None, "cpa": {"intermediate": "des"}}, "params.cpa.intermediate"),
        ({"artifact": None, "cpa": {"intermediate": "aes128-last-round", "window": "auto"}}, "params.cpa.window"),
        ({"artifact": None, "cpa": {"window": [5, 5]}}, "params.cpa.window"),
        ({"artifact": None, "cpa": {"mask": "masks"}}, "params.cpa.mask"),
        ({"artifact": None, "cpa": {"intermediate": "xor"}}, "params.cpa.variables"),
        ({"artifact": None, "cpa": {"variables": ["plaintext", "key"]}}, "params.cpa.variables"),
        ({"artifact": None, "cpa": {"intermediate": "xor", "variables": ["a", "b"], "word_bytes": 4}}, "word_bytes"),
    ],
)
def test_an_import_that_can_never_run_is_refused_with_the_field(
    farm: Behind, client: FlaskClient, params: dict[str, Any], field: str
) -> None:
    given = {**params, "artifact": params["artifact"] or farm.firmware()}

    answer = client.post("/api/v2/jobs", json={"kind": "simulation.import", "params": given})

    problem = answer.get_json(force=True)
    assert answer.status_code == 422
    assert field in json.dumps(problem)


@pytest.mark.parametrize(
    ("model", "status"), [("hw", 202), ("mine", 422), (f"sha256:{'0' * 64}", 422), ("uploaded", 202)]
)
def test_a_power_model_is_one_of_the_farm_or_an_artifact(
    farm: Behind, client: FlaskClient, model: str, status: int
) -> None:
    chosen = farm.firmware() if model == "uploaded" else model

    answer = client.post("/api/v2/campaigns", json=campaign(farm.firmware(), power={"model": chosen}))

    assert answer.status_code == status, answer.text


def test_a_calibration_needs_an_import_with_code(farm: Behind, client: FlaskClient) -> None:
    def refused(campaign_id: str) -> str:
        params = {"campaign": campaign_id}
        answer = client.post("/api/v2/jobs", json={"kind": "simulation.calibrate", "params": params})
        assert answer.status_code == 422
        return str(answer.get_json(force=True)["reason"])

    simulated = ended(farm)
    bare = client.post("/api/v2/jobs", json={"kind": "simulation.import", "params": {"artifact": farm.firmware()}})

    reasons = [refused(campaign_id) for campaign_id in ("unknown", simulated, bare.get_json()["id"])]

    assert reasons == ["no-such-campaign", "no-reference", "no-reference"]
