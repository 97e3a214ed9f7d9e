import re
import subprocess
import sys
import tomllib
from pathlib import Path

import dasein

ROOT = Path(__file__).parents[2]


def test_the_client_loads_nothing_of_the_farm_and_only_what_it_declares() -> None:
    program = "import sys; old = set(sys.modules); import dasein.cli; print(*(set(sys.modules) - old))"

    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)

    loaded = {name.partition(".")[0] for name in said.stdout.split()}
    rooms = {"bench", "config", "deploy", "jobs", "renode", "stores", "web", "workers"}
    assert not loaded & (rooms | {"celery", "flask", "numpy", "redis"})
    assert {"httpx", "typer", "rich"} <= loaded


def test_the_version_is_the_one_that_is_published() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert project["project"]["version"] == dasein.VERSION


def test_everything_public_is_there() -> None:
    assert all(hasattr(dasein, name) for name in dasein.__all__)


def test_every_package_is_installed_with_its_types() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    packages = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "dasein").rglob("*.py")}
    assert packages == set(project["tool"]["setuptools"]["packages"])
    assert "py.typed" in project["tool"]["setuptools"]["package-data"]["dasein"]


def test_the_manual_names_every_command() -> None:
    manual = (ROOT / "docs" / "client.md").read_text(encoding="utf-8")

    listed = subprocess.run(
        [sys.executable, "-m", "dasein", "--help"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.partition("Commands:")[2]
    commands = set(re.findall(r"^  ([a-z-]+) {2,}", listed, re.MULTILINE))
    assert {"keys", "mcp", "submit"} <= commands
    assert {name for name in commands if not re.search(rf"`{name}[` ]", manual)} == set()
