"""Measurement tables: s, degC, J, us, 72 dimensions and the instruction that dominated the period."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

PERIOD_S = 50e-6
CHANNELS, LAGS = 8, 9
Floats = NDArray[np.float64]


def activity(instructions: int, samples: int, rng: np.random.Generator) -> Floats:
    """Return [instruction, sample, channel]: every instruction has a level of its own, samples scatter by a percent.

    Channels: cycles, instructions, energy in uJ, temperature in degC, L1 misses, branch misses, latency in us, noise in uJ.
    """
    level = np.empty((instructions, CHANNELS))
    level[:, 0] = rng.uniform(800, 3000, instructions)
    level[:, 1] = level[:, 0] * rng.uniform(0.5, 0.95, instructions)
    level[:, 2] = np.clip(0.2 * np.exp(0.55 * rng.standard_normal(instructions)), 0.03, None)
    level[:, 3] = 34 + 5 * rng.standard_normal(instructions)
    level[:, 4] = rng.uniform(5, 60, instructions)
    level[:, 5] = rng.uniform(1, 20, instructions)
    level[:, 6] = np.clip(60 * np.exp(0.35 * rng.standard_normal(instructions)), 5, None)
    level[:, 7] = 0
    scatter = rng.standard_normal((instructions, samples, CHANNELS))
    made = level[:, None, :] * (1 + 0.01 * scatter)
    made[:, :, 7] = made[:, :, 2] - level[:, None, 2]
    return made


def table(ids: list[str], made: Floats) -> pa.Table:
    """Return one build's records in the order of time: the whole program, once for every sample."""
    samples = made.shape[1]
    records = made.transpose(1, 0, 2).reshape(-1, CHANNELS)
    lagged = np.full((len(records), LAGS, CHANNELS), np.nan)
    for lag in range(LAGS):
        lagged[lag:, lag] = records[: len(records) - lag]
    dims = np.ascontiguousarray(lagged.reshape(len(records), -1).T)
    columns = {
        "timestamp": pa.array(np.arange(len(records)) * PERIOD_S),
        "temperature": pa.array(records[:, 3]),
        "energy": pa.array(records[:, 2] * 1e-6),
        "latency": pa.array(records[:, 6]),
    }
    # Missing history is null.
    columns |= {f"dim_{n}": pa.array(dims[n], from_pandas=True) for n in range(LAGS * CHANNELS)}
    return pa.table(columns | {"instruction_id": pa.array(ids * samples)})


def to_csv(records: pa.Table) -> bytes:
    """Return a table as CSV with a header."""
    out = io.BytesIO()
    pyarrow.csv.write_csv(records, out, pyarrow.csv.WriteOptions(quoting_style="none"))
    return out.getvalue()


def to_parquet(records: pa.Table) -> bytes:
    """Return a table as Parquet."""
    out = io.BytesIO()
    pyarrow.parquet.write_table(records, out)
    return out.getvalue()
