"""Second-order tests: sums of pairs of samples and their test, by the width of the window, and a million traces.

OPENBLAS_NUM_THREADS=1 python -m bench.pairs [--traces 1000000]

One thread, as workers have it (`Procfile`): several that share few cores wait for each other.
"""

import argparse
import resource
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from bench.rows import emit, median_s
from bench.whole_campaign import Lab
from workers.simulation.bivariate import compare_pairs
from workers.simulation.comoments import CoMoments

GROUPS = 4
ROWS = 512
"""Of a batch, as lanes give them."""


def main() -> None:
    """Print one row per case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--traces", type=int, default=1_000_000, help="of the campaign")
    told = parser.parse_args()
    rng = np.random.default_rng(7)
    for samples in (64, 206, 512):
        traces = rng.integers(-200, 200, (ROWS, samples), dtype=np.int16)
        groups = (np.arange(ROWS) % GROUPS).astype(np.uint8)
        sums = CoMoments(GROUPS, samples)
        update_s = median_s(partial(sums.update, traces, groups))
        emit(
            "pairs",
            f"{samples} samples, {samples * (samples - 1) // 2} pairs",
            traces_per_s=round(ROWS / update_s),
            test_ms=round(1e3 * median_s(partial(compare_pairs, sums, samples), runs=3), 1),
            state_mb=round((sums.products.nbytes + sums.first.nbytes) / 2**20, 1),
        )
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        ran = Lab(Path(folder)).run(
            "aes128_masked_m4",
            traces=told.traces,
            cpa=None,
            bivariate={"window": (2428, 2634)},
            power={"noise_sigma": 8},
        )
        took_s = time.perf_counter() - began
    found = ran.report.bivariate
    if found is None:
        raise RuntimeError("the campaign had no pairs")
    emit(
        "pairs",
        f"aes128_masked_m4, sigma 8: {told.traces} traces, window of the first sub_bytes",
        seconds=round(took_s, 1),
        traces_per_s=round(told.traces / took_s),
        merge_s=round(ran.report.timings.merge_s, 2),
        confirmed_pairs=found.confirmed,
        max_abs_t=found.max_abs_t and round(found.max_abs_t, 1),
        rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


if __name__ == "__main__":
    main()
