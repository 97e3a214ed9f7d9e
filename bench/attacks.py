"""Attacks of every kind on synthetic traces: adding up, scoring, and how often noise looks like a key.

python -m bench.attacks [--traces 2000] [--samples 5000] [--noise-attacks 100]
"""

import argparse
import time

import numpy as np

from bench.campaign import request
from bench.rows import emit, median_s
from jobs.payloads import CampaignRequest
from workers.simulation.attack import confident, score
from workers.simulation.inputs import rows_of
from workers.simulation.intermediates import targets_of
from workers.simulation.targets import Targets

KINDS = (
    ("aes128_m4", {"intermediate": "aes128-sbox-output"}),
    ("aes256_m4", {"intermediate": "aes256-sbox-output"}),
    ("aes128_m4", {"intermediate": "aes128-last-round"}),
    ("aes128_m4", {"intermediate": "aes128-last-round-hd"}),
    ("aes128_masked_m4", {"intermediate": "aes128-masked-sbox-output", "mask": "masks[0:16]"}),
    ("chacha20_m4", {"intermediate": "chacha20-quarter-round"}),
    ("aes128_m4", {"intermediate": "xor", "variables": ["plaintext", "key"]}),
    ("aes128_m4", {"intermediate": "add", "variables": ["plaintext", "key"], "word_bytes": 4}),
)
NOISE_TRACES, NOISE_SAMPLES = 400, 60


def speed(asked: CampaignRequest, targets: Targets, traces: int, samples: int) -> None:
    """Time the sums and one scoring of all guesses, single-threaded but for the BLAS."""
    rng = np.random.default_rng(1)
    rows = rows_of(asked, 0, np.ones(traces, np.uint8))
    outputs = rng.integers(0, 256, (traces, 16), dtype=np.uint8)
    measured = rng.integers(-200, 201, (traces, samples)).astype(np.int16)
    allowed = np.ones(samples, bool)

    def added() -> None:
        sums = targets.sums(samples)
        targets.add(sums, measured, rows, outputs)
        sums.totals  # noqa: B018 -- what waits is added now

    sums = targets.sums(samples)
    targets.add(sums, measured, rows, outputs)
    emit(
        "attacks",
        f"{targets.what}, {len(targets.subkeys)} x 256 guesses",
        traces=traces,
        samples=samples,
        add_ms=1000 * median_s(added, runs=3),
        score_ms=1000 * median_s(lambda: score(sums, allowed, targets), runs=3),
        state_mb=len(targets.subkeys) * samples * (2048 if targets.pairing else 1024) / 2**20,
    )


def chance(asked: CampaignRequest, targets: Targets, attacks: int) -> None:
    """Attack noise again and again: how many best guesses stand out, how many true bytes come first."""
    stood_out = first = 0
    allowed = np.ones(NOISE_SAMPLES, bool)
    began = time.perf_counter()
    for attack in range(attacks):
        rng = np.random.default_rng(attack)
        rows = rows_of(asked, attack * NOISE_TRACES, np.ones(NOISE_TRACES, np.uint8))
        outputs = rng.integers(0, 256, (NOISE_TRACES, 16), dtype=np.uint8)
        sums = targets.sums(NOISE_SAMPLES)
        targets.add(sums, np.rint(20 * rng.normal(size=(NOISE_TRACES, NOISE_SAMPLES))).astype(np.int16), rows, outputs)
        scores = score(sums, allowed, targets)
        stood_out += int(confident(scores).sum())
        first += sum(place == 0 for place in scores.ranks(targets.truth))
    bytes_ = attacks * len(targets.subkeys)
    emit(
        "attacks on noise",
        targets.what,
        bytes=bytes_,
        stood_out=stood_out,
        true_value_first=first,
        expected_first=bytes_ / 256,
        took_s=time.perf_counter() - began,
    )


def main() -> None:
    """Measure all kinds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=int, default=2000)
    parser.add_argument("--samples", type=int, default=5000)
    parser.add_argument("--noise-attacks", type=int, default=100)
    options = parser.parse_args()
    for name, cpa in KINDS:
        asked = request(name, cpa=cpa)
        targets = targets_of(asked)
        if options.traces:
            speed(asked, targets, options.traces, options.samples)
        if options.noise_attacks:
            chance(asked, targets, options.noise_attacks)


if __name__ == "__main__":
    main()
