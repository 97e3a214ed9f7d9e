"""Notebooks, run cell by cell in a kernel of their own."""

import os
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

ROOT = Path(__file__).parents[2]
WITHIN_S = 300


def read_notebook(path: Path) -> Any:
    """Return a notebook of the one format that we write."""
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def run_notebook(path: Path, folder: Path, **environment: str) -> Any:
    """Return a notebook with what its cells said; the first one that fails raises CellExecutionError."""
    notebook = read_notebook(path)
    # Over sockets in a folder of ours rather than on ports: nobody else can reach it.
    config = Config({"KernelManager": {"transport": "ipc", "ip": str(folder / "kernel")}})
    resources = {"metadata": {"path": path.parent}}
    client = NotebookClient(notebook, timeout=WITHIN_S, kernel_name="python3", config=config, resources=resources)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DASEIN_")}
    client.execute(env={**kept, "PYTHONPATH": str(ROOT), **environment})
    return notebook


def printed(notebook: Any) -> str:
    """Return all that was printed."""
    return "".join(output.text for output in _outputs(notebook) if output.output_type == "stream")


def pictures(notebook: Any) -> list[str]:
    """Return all plots, as PNG in base64."""
    return [output.data["image/png"] for output in _outputs(notebook) if "image/png" in output.get("data", {})]


def _outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]
