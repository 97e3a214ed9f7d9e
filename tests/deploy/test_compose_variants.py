"""What goes with the compose files: variables, secrets, Prometheus's configuration, and that Compose takes them all."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.procfile import ROOT
from jobs.queue import ELASTIC
from tests.deploy.compose_files import DEVELOPMENT, FOLDER, MAIN, PARTS, SERVICES, SMALL, checker, merged, read
from tests.servers import demand

VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)")


@pytest.mark.parametrize("path", [*PARTS, SMALL, DEVELOPMENT], ids=lambda path: path.stem)
def test_no_password_stands_in_a_file(path: Path) -> None:
    for name, one in read(path)["services"].items():
        for setting, value in ((one or {}).get("environment") or {}).items():
            secret = re.search(r"PASSWORD|SECRET|TOKEN|_KEY$|AUTH_PATH", setting)
            assert not secret or str(value).startswith("/run/secrets/"), (name, setting)
    assert not re.search(r"://[^/\s:]+:[^@\s/]+@", path.read_text())


def test_prometheus_scrapes_every_role_where_it_listens_and_keeps_what_workers_call_themselves() -> None:
    jobs = {one["job_name"]: one for one in read(FOLDER / "prometheus.yml")["scrape_configs"]}
    [found] = jobs["worker"]["dns_sd_configs"]

    assert set(found["names"]) == {*ELASTIC, "remforge-gpu"}
    assert str(found["port"]) == SERVICES["query"]["environment"]["DASEIN_METRICS_PORT"]
    assert jobs["worker"]["honor_labels"] is True
    assert jobs["web"]["authorization"] == {"credentials_file": SERVICES["keys"]["command"][-1]}
    assert jobs["web"]["static_configs"] == [{"targets": ["web:8080"]}]
    names = [*found["names"], *jobs["autoscaler"]["dns_sd_configs"][0]["names"], "web", "flower", "alertmanager"]
    assert {name for name in names if "watched" not in SERVICES[name]["networks"]} == set()


def test_prometheus_takes_its_configuration(tmp_path: Path) -> None:
    program = shutil.which("promtool")
    demand("prometheus", present=program is not None)
    text = (FOLDER / "prometheus.yml").read_text().replace("/etc/prometheus/rules", f"{ROOT}/deploy/prometheus/rules")
    (tmp_path / "prometheus.yml").write_text(text)
    command = [str(program), "check", "config", "--syntax-only", str(tmp_path / "prometheus.yml")]

    checked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (checked.returncode, checked.stderr) == (0, "")


def test_every_variable_is_explained_in_the_example_and_has_the_same_default() -> None:
    example = dict(
        line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if re.match(r"[A-Z]", line)
    )
    defaults: dict[str, set[str]] = {}
    for path in (*PARTS, SMALL, DEVELOPMENT):
        for variable, value in re.findall(r"\$\{([A-Z0-9_]+):-([^}]*)\}", path.read_text()):
            defaults.setdefault(variable, set()).add(value)
        assert set(VARIABLE.findall(path.read_text())) <= set(defaults)

    assert set(example) == set(defaults)
    for variable, values in defaults.items():
        assert len(values) == 1, variable
        assert example[variable].removeprefix("./deploy/") == next(iter(values)).removeprefix("../"), variable


def test_secrets_are_drawn_once_for_containers_to_read_and_keep_others_out(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    command = ["sh", str(FOLDER / "secrets.sh"), str(folder)]

    first = subprocess.run(command, capture_output=True, text=True, check=True)
    drawn = {path.name: path.read_text() for path in folder.iterdir()}
    (folder / "grafana_password").unlink()
    second = subprocess.run(command, capture_output=True, text=True, check=True)

    again = {path.name: path.read_text() for path in folder.iterdir()}
    asked = {Path(one["file"]).name for path in (MAIN, SMALL) for one in read(path)["secrets"].values()}
    assert set(drawn) == asked
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o444}
    assert second.stdout == "Drew grafana_password.\n"
    assert {name for name in drawn if drawn[name] != again[name]} == {"grafana_password"}
    assert drawn["neo4j_auth"] == f"neo4j/{drawn['dasein_graph_password']}"
    assert len(drawn["dasein_secret"]) >= 32
    assert not any(text in first.stdout for text in drawn.values())


@pytest.mark.parametrize("more", [[], [SMALL], [DEVELOPMENT]], ids=["whole", "small", "development"])
def test_compose_takes_the_files_and_merges_them_into_what_was_meant(more: list[Path]) -> None:
    command = checker()
    demand("compose", present=command is not None)
    assert command is not None

    found = merged(command, MAIN, *more)["services"]

    ports = {name: one["ports"] for name, one in found.items() if "ports" in one}
    here = {name for name, published in ports.items() if all(each.get("host_ip") == "127.0.0.1" for each in published)}
    if more == [DEVELOPMENT]:
        assert set(ports) - here == {"proxy"}
        assert here >= {"web", "redis", "neo4j", "mongodb", "milvus", "prometheus", "grafana", "flower"}
        return
    assert set(ports) == {"proxy"}
    if more == [SMALL]:
        assert not {"neo4j", "mongodb", "milvus", "prometheus", "keys"} & set(found)
        assert all(set(one.get("depends_on", {})) <= set(found) for one in found.values())
        assert {"DASEIN_GRAPH_URL=", "DASEIN_VECTORS_URL=", "DASEIN_AUTH=required"} <= set(found["web"]["environment"])
        assert found["query"]["secrets"][-1] == {"source": "falkordb_url", "target": "dasein_graph_url"}
        assert set(found["ownership"]["entrypoint"][2:]) == {"/volumes/falkordb"}


def test_compose_refuses_what_is_no_compose_file(tmp_path: Path) -> None:
    command = checker()
    demand("compose", present=command is not None)
    assert command is not None
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(
        MAIN.read_text().replace("read_only: true", "read_onyl: true").replace("- deploy", f"- {ROOT}/deploy")
    )

    with pytest.raises(subprocess.CalledProcessError) as refused:
        merged(command, wrong)

    assert "read_onyl" in refused.value.stderr


def test_workers_with_renode_take_its_archive_by_a_digest_that_somebody_gives() -> None:
    [(name, one)] = read(FOLDER / "renode.yml")["services"].items()
    text = (ROOT / one["build"]["dockerfile"]).read_text(encoding="utf-8")

    assert name == "simulation"
    assert one["image"].startswith("dasein-renode:")
    assert one["build"]["args"]["RENODE_SHA256"].startswith("${RENODE_SHA256:?")
    assert re.search(r"^ARG RENODE_SHA256$", text, re.MULTILINE)
    assert "sha256sum --check --strict" in text
    [scratch] = one["tmpfs"]
    assert "exec" in scratch.split(",")  # else nothing that Renode unpacks there can be loaded
