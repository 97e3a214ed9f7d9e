"""Keys, tenants and the audit trail on the command line; a scripted server stands in for a farm."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from dasein.cli import app
from tests.dasein.administration import SECRET, entry, key, tenant
from tests.dasein.scripted_server import Scripted, answers, hangs_up, job, refuses, scripted, streams

DONE = 'id: 1-0\nevent: done\ndata: {"state": "succeeded"}\n\n'


def run(farm: Scripted, *arguments: object, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--url", farm.url], input=typed)


def asked(farm: Scripted, number: int = 0) -> tuple[str, str, Any]:
    """Return what was asked: method, path and body."""
    seen = farm.seen[number]
    return seen.method, seen.path.removeprefix("/api/v2"), json.loads(seen.body) if seen.body else None


def test_keys_are_listed_by_prefix() -> None:
    with scripted(answers({"keys": [key(), key(prefix="efgh5678", expires_at="2027-01-01T00:00:00Z")]})) as farm:
        result = run(farm, "keys", "list", "--tenant", "acme")

    assert result.exit_code == 0, result.output
    assert asked(farm) == ("GET", "/keys?tenant=acme", None)
    assert "abcd1234" in result.stdout
    assert "2027-01-01" in result.stdout


def test_a_key_is_made_and_shown_once_with_a_warning() -> None:
    with scripted(answers(key() | {"key": SECRET}, status=201)) as farm:
        result = run(farm, "keys", "create", "ci", "--role", "submitter", "--tenant", "acme", "--expires-in-days", 90)

    body = {"name": "ci", "role": "submitter", "tenant": "acme", "expires_in_s": 90 * 86_400}
    assert asked(farm) == ("POST", "/keys", body)
    assert result.stdout.splitlines()[0] == SECRET
    assert "not shown again" in result.stderr


def test_a_key_that_goes_to_a_file_is_its_owners_alone_and_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "ci.key"

    with scripted(answers(key() | {"key": SECRET}, status=201)) as farm:
        result = run(farm, "keys", "rotate", "abcd1234", "--grace-s", 60, "-o", file, "--json")

    assert asked(farm) == ("POST", "/keys/abcd1234/rotate", {"grace_s": 60})
    assert file.read_text() == f"{SECRET}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert SECRET not in result.output
    assert json.loads(result.stdout)["prefix"] == "abcd1234"


def test_a_file_that_is_there_is_not_overwritten_and_no_key_is_made(tmp_path: Path) -> None:
    file = tmp_path / "ci.key"
    file.write_text("another key")

    with scripted() as farm:
        result = run(farm, "keys", "create", "ci", "-o", file)

    assert result.exit_code == 2
    assert farm.seen == []
    assert file.read_text() == "another key"


def test_where_no_key_was_made_no_file_is_left(tmp_path: Path) -> None:
    with scripted(refuses(403, "forbidden")) as farm:
        result = run(farm, "keys", "create", "ci", "-o", tmp_path / "ci.key")

    assert result.exit_code == 2
    assert not (tmp_path / "ci.key").exists()


def test_making_a_key_is_not_repeated_when_its_answer_was_lost() -> None:
    with scripted(answers({"keys": []}), hangs_up, answers(key() | {"key": SECRET}, status=201)) as farm:
        run(farm, "keys", "list")
        result = run(farm, "keys", "create", "ci")

    assert result.exit_code == 2
    assert len(farm.seen) == 2


def test_a_key_is_revoked() -> None:
    with scripted(answers(status=204)) as farm:
        result = run(farm, "keys", "revoke", "abcd1234", "--json")

    assert asked(farm) == ("DELETE", "/keys/abcd1234", None)
    assert json.loads(result.stdout) == {"revoked": "abcd1234"}


def test_tenants_are_listed_with_what_they_use_of_what_they_may() -> None:
    with scripted(answers({"tenants": [tenant(id="default", created_at=None), tenant()]})) as farm:
        result = run(farm, "tenants", "list")

    assert asked(farm) == ("GET", "/tenants", None)
    assert "20,000 of 1,000,000" in result.stdout
    assert "4,096" in result.stdout


def test_a_tenant_is_made_and_changed_by_the_fields_of_the_api() -> None:
    changes = ("title=ACME Locks", "quotas.jobs_in_flight=50", "quotas.storage_bytes=null", "suspended=false")

    with scripted(answers(tenant(), status=201), answers(tenant())) as farm:
        made = run(farm, "tenants", "create", "acme", *changes[:2])
        changed = run(farm, "tenants", "set", "acme", *changes[1:])

    assert (made.exit_code, changed.exit_code) == (0, 0), made.output + changed.output
    assert asked(farm) == ("POST", "/tenants", {"id": "acme", "title": "ACME Locks", "quotas": {"jobs_in_flight": 50}})
    sent = {"quotas": {"jobs_in_flight": 50, "storage_bytes": None}, "suspended": False}
    assert asked(farm, 1) == ("PATCH", "/tenants/acme", sent)
    assert "job 30 days" in changed.stdout


@pytest.mark.parametrize("changes", [(), ("quotas",), ("=1",)])
def test_a_change_that_says_nothing_is_a_usage_error(changes: tuple[str, ...]) -> None:
    with scripted() as farm:
        result = run(farm, "tenants", "set", "acme", *changes)

    assert result.exit_code == 2
    assert "NAME=VALUE" in result.stderr
    assert farm.seen == []


def test_a_suspended_tenant_says_so() -> None:
    with scripted(answers(tenant(suspended=True))) as farm:
        result = run(farm, "tenants", "show", "acme")

    assert "keys and tokens are refused" in result.stdout


def test_an_export_without_its_end_is_not_saved(tmp_path: Path) -> None:
    with scripted(answers(b"PK\x03\x04 and no directory", media_type="application/zip")) as farm:
        result = run(farm, "tenants", "export", "acme", "-o", tmp_path / "acme.zip", "--json")

    assert asked(farm)[:2] == ("GET", "/tenants/acme/export")
    assert json.loads(result.stdout)["error"]["code"] == "bad-answer"
    assert list(tmp_path.iterdir()) == []


def test_erasure_asks_for_the_name_and_shows_that_every_store_is_empty() -> None:
    result = {"tenant": "acme", "removed": {"jobs": 4, "graph": 9000}, "holds": {"jobs": 0, "graph": 0}}
    ended = job(kind="erase", state="succeeded", result=result)

    with scripted(answers(job(kind="erase"), status=202), streams(DONE), answers(ended)) as farm:
        told = run(farm, "tenants", "erase", "acme", typed="acme\n")

    assert told.exit_code == 0, told.output
    assert asked(farm) == ("DELETE", "/tenants/acme/data?confirm=acme&keep=false", None)
    assert farm.seen[0].headers["Idempotency-Key"]
    assert "9,000" in told.stdout


@pytest.mark.parametrize("typed", ["", "y\n", "acme2\n"])
def test_erasure_without_the_right_name_erases_nothing(typed: str) -> None:
    with scripted() as farm:
        result = run(farm, "tenants", "erase", "acme", typed=typed)

    assert result.exit_code != 0
    assert farm.seen == []


def test_the_audit_trail_is_paged_and_names_who_was_refused_what() -> None:
    pages = [
        {"entries": [entry()], "cursor": "c1"},
        {"entries": [entry(id="2-0", name=None, tenant=None)], "cursor": None},
    ]

    with scripted(*map(answers, pages)) as farm:
        result = run(farm, "audit", "--tenant", "acme", "--outcome", "denied", "-n", 50)

    assert result.exit_code == 0, result.output
    assert asked(farm)[1] == "/audit?tenant=acme&outcome=denied&limit=50"
    assert asked(farm, 1)[1].endswith("&cursor=c1")
    assert "make_key" in result.stdout
    assert "forbidden" in result.stdout


def test_calls_of_nobody_known_can_be_asked_for() -> None:
    with scripted(answers({"entries": [], "cursor": None})) as farm:
        result = run(farm, "audit", "--unknown")

    assert "unknown=true" in asked(farm)[1]
    assert "Nothing was written or refused yet." in result.stdout
