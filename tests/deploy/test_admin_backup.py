"""Backups from the operator's command line: what it says, and how it exits."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.admin.__main__ import app
from stores.artifacts import FileArtifacts
from tests.stores.graph_servers import FalkorServer, falkor_server
from workers.backup.seal import AgeSeal

__all__ = ["falkor_server"]


@pytest.fixture
def settings(
    redis_url: str, falkor_server: FalkorServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """Name the stores of an empty farm, and a folder for backups."""
    falkor_server.flush()
    monkeypatch.setenv("DASEIN_REDIS_URL", redis_url)
    monkeypatch.setenv("DASEIN_GRAPH_URL", falkor_server.url)
    monkeypatch.setenv("DASEIN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DASEIN_BACKUP_URL", str(tmp_path / "vault"))
    return monkeypatch


@pytest.mark.usefixtures("settings")
def test_a_backup_is_made_listed_and_found_whole_until_it_is_damaged(tmp_path: Path) -> None:
    FileArtifacts(tmp_path / "data").put("default", [b"firmware"], media_type="x", limit_bytes=99)
    run = CliRunner()

    made = run.invoke(app, ["backup"])
    listed, whole = run.invoke(app, ["backups"]), run.invoke(app, ["verify"])
    contents = next((tmp_path / "vault" / "files").rglob("*/??/*"))
    contents.write_bytes(b"Firmware")
    damaged, unknown = run.invoke(app, ["verify"]), run.invoke(app, ["verify", "20260101T000000Z-0000"])

    assert (made.exit_code, listed.exit_code, whole.exit_code) == (0, 0, 0)
    assert "Not encrypted" in made.stderr
    told = json.loads(whole.stdout[whole.stdout.index("{\n") :])
    assert told["id"] in listed.stdout.split()
    assert (told["whole"], told["files"]) == (True, 2)
    assert damaged.exit_code == 3
    assert "artifacts/default" in damaged.stderr
    assert unknown.exit_code == 1
    assert "There is no backup 20260101T000000Z-0000" in unknown.stderr


@pytest.mark.parametrize(
    ("words", "setting", "value", "said"),
    [
        (
            ["backup"],
            "BACKUP_URL",
            "",
            "DASEIN_BACKUP_URL: Say where backups go: an absolute path, or s3://bucket/prefix.",
        ),
        (["backup"], "BACKUP_AT", "noon", "DASEIN_BACKUP_AT: "),
        (["backup"], "BACKUP_RECIPIENTS", "me", "DASEIN_BACKUP_RECIPIENTS: "),
        (["verify"], "BACKUP_KEEP", "3", "There is no backup."),
        (["restore", "--only", "everything"], "BACKUP_KEEP", "3", "--only is one of records, documents"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    words: list[str], setting: str, value: str, said: str, settings: pytest.MonkeyPatch
) -> None:
    settings.setenv(f"DASEIN_{setting}", value)

    refused = CliRunner().invoke(app, words)

    assert refused.exit_code == 1
    assert refused.stderr.startswith(said)
    assert refused.stderr.count("\n") == 1


def test_a_drawn_key_is_one(settings: pytest.MonkeyPatch) -> None:
    del settings

    drawn = CliRunner().invoke(app, ["backup-key"]).stdout.split()

    words = dict(zip(drawn[::2], drawn[1::2], strict=True))
    assert AgeSeal([words["public"]], identity=words["secret"]).closes
