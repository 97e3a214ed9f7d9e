"""Kept traces in other forms, read back by the libraries that own them."""

import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pyarrow.parquet as pq
import pytest

from stores.trace_export.forms import FORMS
from stores.trace_export.kept import Kept

ROOT = Path(__file__).parents[2]
RNG = np.random.default_rng(7)
TRACES = RNG.normal(size=(50, 20)).astype(np.float32)
INPUTS = RNG.integers(0, 256, (50, 33), dtype=np.uint8)
GROUPS = RNG.integers(0, 4, 50).astype(np.uint8)
COLUMNS = {"plaintext": (0, 16), "key": (16, 32), "group": (32, 33)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a campaign that kept its traces."""
    np.save(tmp_path / "traces.npy", TRACES)
    np.save(tmp_path / "inputs.npy", INPUTS)
    np.save(tmp_path / "groups.npy", GROUPS)
    pcs = np.zeros(20, [("pc", "<u4"), ("t1", "<f8")])
    pcs["pc"] = 0x08000000 + 2 * np.arange(20)
    np.save(tmp_path / "series.npy", pcs)
    return tmp_path


def written(folder: Path, form: str) -> Path:
    """Write the traces in a form and return the file."""
    path = folder / f"out.{form}"
    FORMS[form](Kept.of(folder, COLUMNS), path)
    return path


def test_numpy_gets_arrays_by_name(folder: Path) -> None:
    with np.load(written(folder, "npz")) as arrays:
        assert sorted(arrays) == ["group", "key", "pc", "plaintext", "traces"]
        np.testing.assert_array_equal(arrays["traces"], TRACES)
        np.testing.assert_array_equal(arrays["key"], INPUTS[:, 16:32])
        np.testing.assert_array_equal(arrays["group"], GROUPS)
        assert arrays["pc"][1] == 0x08000002


def test_lascar_gets_leakages_and_values_with_names(folder: Path) -> None:
    with h5py.File(written(folder, "hdf5")) as file:
        np.testing.assert_array_equal(file["leakages"], TRACES)
        np.testing.assert_array_equal(file["values"]["plaintext"], INPUTS[:, :16])
        np.testing.assert_array_equal(file["values"]["group"], GROUPS)
        assert file["values"].dtype.names == ("plaintext", "key", "group")


def test_scared_gets_traces_and_metadata(folder: Path) -> None:
    with h5py.File(written(folder, "ets")) as file:
        np.testing.assert_array_equal(file["traces"], TRACES)
        np.testing.assert_array_equal(file["metadata/key"], INPUTS[:, 16:32])
        np.testing.assert_array_equal(file["metadata/group"], GROUPS)


def test_parquet_gets_a_row_a_trace(folder: Path) -> None:
    table = pq.read_table(written(folder, "parquet"))

    assert table.column_names == ["samples", "plaintext", "key", "group"]
    np.testing.assert_array_equal(np.array(table["samples"].to_pylist(), np.float32), TRACES)
    assert table["plaintext"][3].as_py() == INPUTS[3, :16].tobytes()
    np.testing.assert_array_equal(table["group"], GROUPS)


def test_the_program_leaves_a_whole_file_or_none(folder: Path) -> None:
    command = [sys.executable, "-m", "stores.trace_export", str(folder)]

    good = subprocess.run([*command, "npz", '{"plaintext": [0, 16]}'], cwd=ROOT, capture_output=True, check=False)
    bad = subprocess.run([*command, "ets", '{"plaintext": "x"}'], cwd=ROOT, capture_output=True, check=False)

    assert (good.returncode, bad.returncode) == (0, 1)
    assert {path.name for path in folder.iterdir()} == {
        "traces.npy",
        "inputs.npy",
        "groups.npy",
        "series.npy",
        "export.npz",
    }
