"""The compose files, as they are written and as Compose puts them together."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from deploy.procfile import ROOT

FOLDER = ROOT / "deploy" / "compose"
MAIN = ROOT / "docker-compose.yml"
SMALL = FOLDER / "small.yml"
DEVELOPMENT = FOLDER / "development.yml"
PARTS = (MAIN, *(ROOT / name for name in yaml.safe_load(MAIN.read_text(encoding="utf-8"))["include"]))
"""What `docker compose up` reads."""


class _Loader(yaml.SafeLoader):
    """Takes Compose's own tags for what they stand before."""


def _untagged(loader: _Loader, _tag: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return None


_Loader.add_multi_constructor("!", _untagged)


def read(path: Path) -> dict[str, Any]:
    """Return a file as it is written, with its anchors resolved."""
    found: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506  # a safe one
    return found


def whole() -> dict[str, Any]:
    """Return what the main file and those that it includes have, by section."""
    found: dict[str, Any] = {}
    for path in PARTS:
        for section, names in read(path).items():
            if isinstance(names, Mapping) and not section.startswith("x-"):
                assert not set(found.setdefault(section, {})) & set(names), f"{path} names twice: {section}"
                found[section].update(names)
    return found


def checker() -> list[str] | None:
    """Return the command that checks and merges compose files, which `.ci/run` builds; None where there is none.

    It is that of the reference implementation, which is also what Docker Compose reads them with, and needs no engine.
    """
    program = shutil.which("compose-spec", path=str(ROOT / "build" / "bin")) or shutil.which("compose-spec")
    return None if program is None else [program, "-format", "json"]


def merged(command: list[str], *paths: Path) -> dict[str, Any]:
    """Return what Compose makes of some files; raise CalledProcessError with its reason for what is no compose file.

    Variables are their defaults: the program reads no environment.
    """
    done = subprocess.run(
        [*command, *map(str, paths)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


COMPOSE = whole()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SMALL_SERVICES: dict[str, dict[str, Any]] = read(SMALL)["services"]
ALL = SERVICES | {"graph": SMALL_SERVICES["graph"]}
"""With that which the small farm adds; what it changes of others is read as Compose merges it."""


def default(text: str) -> str:
    """Return a text with its variables' defaults."""
    return re.sub(r"\$\{[A-Z0-9_]+:-([^}]*)\}", r"\1", text)
