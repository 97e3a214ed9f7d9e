"""Commands that are given settings which are refused."""

import pytest
from typer.testing import CliRunner

from deploy.admin.__main__ import app
from web import first_key

REFUSED = {"DASEIN_GRAPH_URL": "ftp://user:s3cr3t@nowhere"}


@pytest.mark.parametrize("command", ["autoscale", "backup", "backups", "verify", "restore", "key"])
def test_each_command_names_the_setting_that_is_refused_and_shows_no_secret(command: str) -> None:
    done = CliRunner().invoke(app, [command], env=REFUSED)

    assert done.exit_code == 1
    assert done.stderr.startswith("DASEIN_GRAPH_URL: give a URL that begins with ")
    assert "s3cr3t" not in done.output
    assert "Traceback" not in done.output


def test_so_does_the_first_key(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in REFUSED.items():
        monkeypatch.setenv(name, value)

    status = first_key.main([])

    said = capsys.readouterr()
    assert status == 1
    assert said.err.startswith("DASEIN_GRAPH_URL: ")
    assert "s3cr3t" not in said.out + said.err
