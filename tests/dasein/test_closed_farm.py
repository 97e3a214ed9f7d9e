"""The client at a farm that has keys and tenants: the real web application, with real keys."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner, Result

from dasein import ApiError, Client
from dasein.cli import app
from jobs.identity import Role
from tests.dasein.conftest import Served, fail, serving, succeed
from tests.dasein.mcp_session import call, content, here, refusal
from tests.web.identity import Closed


@pytest.fixture
def closed(tmp_path: Path) -> Closed:
    return Closed(tmp_path / "farm")


@pytest.fixture
def farm(closed: Closed) -> Iterator[Served]:
    with serving(closed.farm) as served:
        yield served


def run(farm: Served, *arguments: object, key: str | None = None) -> Result:
    return CliRunner().invoke(
        app, [*map(str, arguments), "--url", farm.url], env={} if key is None else {"DASEIN_API_KEY": key}
    )


def said(result: Result) -> Any:
    """Return the one document on standard output."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_key_is_made_used_rotated_and_revoked(closed: Closed, farm: Served) -> None:
    signed_in = CliRunner().invoke(app, ["login", "--url", farm.url], input=closed.key())
    assert signed_in.exit_code == 0, signed_in.output

    made = said(run(farm, "keys", "create", "ci", "--role", "viewer", "--expires-in-days", "1", "--json"))
    me = said(run(farm, "whoami", "--json", key=made["key"]))
    fresh = said(run(farm, "keys", "rotate", made["prefix"], "--grace-s", 0, "--json"))
    gone = run(farm, "whoami", key=made["key"])
    revoked = run(farm, "keys", "revoke", fresh["prefix"])
    gone_too = run(farm, "whoami", key=fresh["key"])

    assert (me["name"], me["role"], me["key"]) == ("ci", "viewer", made["prefix"])
    assert (gone.exit_code, revoked.exit_code, gone_too.exit_code) == (2, 0, 2)
    assert "does not take the key from DASEIN_API_KEY" in gone.stderr
    assert made["key"] not in gone.output


def test_what_a_role_may_not_is_refused_with_the_way_to_find_out(closed: Closed, farm: Served) -> None:
    viewer = closed.key(Role.VIEWER)

    result = run(farm, "keys", "list", key=viewer)

    assert result.exit_code == 2
    assert "role admin" in result.stderr
    assert "dasein whoami" in result.stderr


def test_without_a_key_the_way_in_is_told(closed: Closed, farm: Served) -> None:
    closed.key()
    closed.door.close()

    result = run(farm, "jobs")

    assert result.exit_code == 2
    assert "dasein login" in result.stderr


def test_a_tenant_is_made_changed_listed_and_has_a_key_of_its_own(closed: Closed, farm: Served) -> None:
    admin = closed.key()

    made = said(run(farm, "tenants", "create", "lab", "title=The Lab", "quotas.jobs_in_flight=5", "--json", key=admin))
    changed = said(
        run(farm, "tenants", "set", "lab", "quotas.traces_per_day=1000", "retention.job_days=30", "--json", key=admin)
    )
    listed = run(farm, "tenants", "list", key=admin)
    key = said(run(farm, "keys", "create", "ada", "--role", "admin", "--tenant", "lab", "--json", key=admin))
    own = said(run(farm, "tenants", "list", "--json", key=key["key"]))

    assert made["title"] == "The Lab"
    assert changed["quotas"] == {"jobs_in_flight": 5, "traces_per_day": 1000, "storage_bytes": None}
    assert changed["retention"]["job_days"] == 30
    assert "0 of 1,000" in listed.stdout
    assert [each["id"] for each in own["tenants"]] == ["lab"]


def test_the_audit_trail_says_who_did_what_and_who_was_refused(closed: Closed, farm: Served) -> None:
    admin, viewer = closed.key(), closed.key(Role.VIEWER)
    run(farm, "keys", "create", "ci", key=admin)
    run(farm, "keys", "list", key=viewer)

    table = run(farm, "audit", key=admin)
    denied = said(run(farm, "audit", "--outcome", "denied", "--json", key=admin))

    assert "make_key" in table.stdout
    assert [(entry["operation"], entry["status"]) for entry in denied["entries"]] == [("list_keys", 403)]


def test_a_tenants_data_is_taken_along_and_erased_by_who_confirms_it(
    closed: Closed, farm: Served, tmp_path: Path
) -> None:
    admin, archive = closed.key(), tmp_path / "acme.zip"
    with Client(farm.url, api_key=closed.key(tenant="acme")) as theirs:
        theirs.submit("ping", {})

    exported = run(farm, "tenants", "export", "acme", "-o", archive, key=admin)
    farm.work(succeed)
    erased = said(run(farm, "tenants", "erase", "acme", "--confirm", "acme", "--json", key=admin))
    home = run(farm, "tenants", "erase", "default", "--confirm", "default", "--json", key=admin)

    assert exported.exit_code == 0, exported.output
    assert any(name.startswith("jobs") for name in ZipFile(archive).namelist())
    assert (erased["kind"], erased["params"]["tenant"]) == ("erase", "acme")
    assert json.loads(home.stdout)["error"]["field"] == "confirm"


def test_what_is_another_tenants_is_not_there(closed: Closed, farm: Served) -> None:
    with Client(farm.url, api_key=closed.key(tenant="acme")) as theirs:
        job = theirs.submit("ping", {})

    with Client(farm.url, api_key=closed.key()) as ours, pytest.raises(ApiError) as error:
        ours.job(job.id)

    assert error.value.status == 404


def test_a_model_may_do_what_its_key_may_and_no_more(closed: Closed, farm: Served) -> None:
    key = closed.key(Role.VIEWER, "acme")

    me = content(here(farm.url, call("whoami"), api_key=key))
    submitted = refusal(here(farm.url, call("submit_job", kind="ping", params={}), api_key=key))
    scaled = refusal(here(farm.url, call("scale_pool", pool="simulation", concurrency=2), api_key=key))

    assert (me["tenant"], me["role"], me["home"]) == ("acme", "viewer", False)
    assert (submitted["code"], scaled["code"]) == ("forbidden", "forbidden")
    assert submitted["trace_id"]


def test_a_batch_is_submitted_and_waited_for(served: Served) -> None:
    served.work(
        lambda served, job_id: (fail if served.behind.jobs.get(job_id).params["echo"] else succeed)(served, job_id)
    )
    jobs = [{"kind": "ping", "params": {"echo": echo}} for echo in ("", "fails", "")]

    result = CliRunner().invoke(app, ["batch", "submit", "-", "--wait", "--url", served.url], input=json.dumps(jobs))
    well = CliRunner().invoke(app, ["batch", "submit", "-", "--wait", "--url", served.url], input=json.dumps(jobs[:1]))
    wrong = CliRunner().invoke(
        app, ["batch", "submit", "-", "--url", served.url], input='{"kind": "pong", "params": {}}'
    )

    assert (result.exit_code, well.exit_code, wrong.exit_code) == (1, 0, 2), result.output
    assert "2 succeeded, 1 failed" in result.stdout
    assert "invalid-firmware" in result.stdout
    assert "jobs.0.kind" in wrong.stderr


def test_a_pool_is_looked_at_and_scaled(served: Served) -> None:
    listed = said(run(served, "pools", "list", "--json"))
    shown = run(served, "pools")
    scaled = said(run(served, "pools", "scale", "simulation", "--to", 4, "--json"))
    too_few = run(served, "pools", "scale", "simulation", "--to", 1)

    assert listed["pools"][0]["concurrency"] == 2
    assert shown.exit_code == 0, shown.output
    assert scaled["concurrency"] == 4
    assert "concurrency: 2 workers run between 2 and" in too_few.stderr
