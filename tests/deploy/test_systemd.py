"""The units of a bare machine are what systemd takes, and start what the Procfile starts."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import Settings
from deploy.procfile import ROOT, commands
from jobs.queue import QUEUES
from stores.redis_client import connect
from tests.servers import demand, eventually, free_port

FOLDER = ROOT / "deploy" / "systemd"
SERVICES = sorted(FOLDER.glob("*.service"))
MARGIN_S = 20
EXPOSED = 20
"""Tenths of the score of `systemd-analyze security`, of which 100 is the worst."""
INSTALLED = "/opt/dasein"


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay the units out as they are installed, with the programs of this machine and one instance of each."""
    demand("systemd", present=shutil.which("systemd-analyze") is not None)
    folder = tmp_path_factory.mktemp("units")
    for path in (*SERVICES, *FOLDER.glob("*.t*")):
        text = path.read_text().replace(f"{INSTALLED}/.venv/bin", str(Path(sys.executable).parent))
        text = text.replace(INSTALLED, str(ROOT))
        names = [path.name]
        if "@." in path.name:
            names += [path.name.replace("@", f"@{one}") for one in ("1", "2", "redis", "graph", "cache")]
        for name in names:
            (folder / name).write_text(text)
    return folder


def test_systemd_takes_every_unit(units: Path) -> None:
    paths = [str(path) for path in sorted(units.iterdir()) if "@." not in path.name]

    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *paths], capture_output=True, text=True, check=False
    )

    assert (said.returncode, said.stderr) == (0, "")


def test_no_service_is_left_with_more_than_it_needs(units: Path) -> None:
    paths = [str(path) for path in sorted(units.glob("*.service")) if "@." not in path.name]
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSED}", "--no-pager", *paths]

    said = subprocess.run(command, capture_output=True, text=True, check=False)

    levels = re.findall(r"exposure level for (\S+?): (\S+)", said.stdout)
    assert said.returncode == 0, levels
    assert len(levels) == len(paths)


def test_units_run_what_the_procfile_runs() -> None:
    told = commands()

    for pool in QUEUES:
        text = (FOLDER / f"dasein-{pool}@.service").read_text()
        ran = re.search(r"^ExecStart=/opt/dasein/.venv/bin/(.*)$", text, re.MULTILINE)
        variables, command = re.fullmatch(r"env ((?:\S+=\S+ )+)(celery .*)", told[pool]).groups()  # type: ignore[union-attr]  # it is one
        assert ran is not None
        assert ran[1] == command.replace(f"${{WORKER:-{pool}}}@%h", f"{pool}%i@%%h")
        for variable in variables.split():
            assert variable in text
    assert told["web"] in (FOLDER / "dasein-web.service").read_text()


def test_a_worker_has_longer_to_stop_than_it_drains_and_only_its_parent_is_asked() -> None:
    for pool in QUEUES:
        text = (FOLDER / f"dasein-{pool}@.service").read_text()
        found = re.search(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)

        assert found is not None
        assert int(found[1]) >= Settings.model_construct().drain_s + MARGIN_S
        assert "\nKillMode=mixed\n" in text


def test_the_target_starts_web_and_a_worker_of_every_pool() -> None:
    wanted = " ".join(re.findall(r"^Wants=(.*)$", (FOLDER / "dasein.target").read_text(), re.MULTILINE))

    assert set(wanted.split()) >= {"dasein-web.service", *(f"dasein-{pool}@1.service" for pool in QUEUES)}


def test_a_supervised_store_takes_the_place_of_its_command(tmp_path: Path) -> None:
    port = free_port()
    environment = {"PYTHONPATH": str(ROOT), "DASEIN_DATA_DIR": str(tmp_path), "DASEIN_CACHE_PORT": str(port)}
    command = [sys.executable, "-m", "deploy.store", "cache"]

    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            with connect(f"redis://127.0.0.1:{port}/0", patience_s=30) as redis:
                eventually(redis.ping)
                assert redis.info("server")["process_id"] == process.pid
        finally:
            process.terminate()
    refused = subprocess.run([*command[:-1], "other"], env=environment, capture_output=True, text=True, check=False)

    assert (refused.returncode, refused.stderr) == (2, "usage: python -m deploy.store redis|graph|cache\n")
