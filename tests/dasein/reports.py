"""Reports for tests, checked against the model that the farm writes them with."""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.report import Report

SHA = "5e" * 32
DIGEST = "d1" * 32


def finding(**changes: Any) -> dict[str, Any]:
    """Return a critical first-order leak in `mix` at src/aes.c:12."""
    place = {
        "address": 0x08000010,
        "mnemonic": "ldrb",
        "operands": "r1, [r0]",
        "function": "mix",
        "file": "src/aes.c",
        "line": 12,
    }
    place |= {name: changes.pop(name) for name in list(changes) if name in place}
    return {
        "kind": "tvla-1",
        "severity": "critical",
        "place": place,
        "title": "src/aes.c:12 in mix depends on the plaintext: |t| = 53.2",
        "secret": None,
        "statistic": "t",
        "value": -53.2,
        "p_log10": -200.0,
        "sample": 7,
        "samples": 2,
        "traces": 2000,
        "sufficient": True,
        "traces_needed": 40,
    } | changes


def cpa(*, recovered: int | None = 15) -> dict[str, Any]:
    """Return an attack that got `recovered` bytes right; None: the key is not known."""
    parts = [_key_byte(index, rank=None if recovered is None else int(index >= recovered)) for index in range(16)]
    return {
        "intermediate": "aes128-sbox-output",
        "traces": 1000,
        "window": [0, 100],
        "noise_floor": 0.126,
        "key_known": recovered is not None,
        "recovered": recovered,
        "confident": 15,
        "key": "".join(f"{part['best_guess']:02x}" for part in parts),
        "bytes": parts,
        "checkpoints": [1000],
        "guessing_entropy": None if recovered is None else [0.0],
    }


def _key_byte(index: int, *, rank: int | None) -> dict[str, Any]:
    return {
        "index": index,
        "best_guess": 0xA0 + index,
        "true_value": None if rank is None else 0xA0 + index + rank,
        "rank": rank,
        "model": "hw",
        "rho": 0.91,
        "rho_low": 0.9,
        "rho_high": 0.92,
        "sample": index,
        "place": finding()["place"],
        "second_rho": 0.2,
        "ranks": [rank],
        "traces_to_recover": 100,
    }


def report(findings: Sequence[Mapping[str, Any]] = (), **changes: Any) -> dict[str, Any]:
    """Return a report with these findings: `leaks` if there are any, else `clean`."""
    sufficient = changes.pop("sufficient", True)
    assess_order = changes.pop("assess_order", 2)
    document = {
        "schema_version": "report/1",
        "campaign": "0193f0e2-7c1e-7000-8000-000000000001",
        "created_at": "2026-11-21T12:00:00Z",
        "request": {
            "firmware": f"sha256:{SHA}",
            "target": {
                "core": "cortex-m4",
                "entry": "encrypt",
                "inputs": [{"name": "plaintext", "role": "plaintext", "length": 16, "symbol": "block"}],
            },
            "traces": 2000,
            "assess_order": assess_order,
        },
        "verdict": "leaks" if findings else "clean",
        "headline": f"Leaks: {len(findings)} findings." if findings else "Clean: nothing leaks.",
        "digest": DIGEST,
        "firmware": {"sha256": SHA, "bytes": 9000, "core": "cortex-m4", "code_bytes": 1200, "has_lines": True},
        "engine": {"name": "unicorn", "version": "2.1.4"},
        "traces": 2000,
        "alignment": {
            "kind": "full",
            "path_instructions": 100,
            "compared_instructions": 100,
            "samples": 100,
            "first_sample": 0,
            "diverged_traces": 0,
            "faulted_traces": 0,
        },
        "power": {
            "model": "hw",
            "calibration": "uncalibrated",
            "unit": "arbitrary",
            "sampling": "instruction",
            "noise_sigma": 1.0,
            "step": 0.01,
            "clipped": 0,
        },
        "tvla": {
            "threshold": 4.5,
            "corrected_threshold": 5.1,
            "traces_fixed": 1000,
            "traces_random": 1000,
            "max_abs_t1": 53.2 if findings else 2.1,
            "max_abs_t2": None,
            "leaking_samples_1": 2 * len(findings),
            "leaking_samples_2": 0,
            "deterministic_samples": 0,
            "minimum_effect": 0.1,
        },
        "tvla_absent": None,
        "cpa": None,
        "cpa_absent": "not asked for",
        "max_snr": None,
        "findings": list(findings),
        "excluded": [],
        "rows": [],
        "series": {"stride": 1, "first_sample": 0, "pcs": [], "t1": [], "t2": [], "rho": [], "snr": [], "mean": []},
        "sufficiency": {"sufficient": sufficient, "why": "1000 + 1000 traces show a difference of 0.1"},
        "timings": {"execute_s": 1.0, "statistics_s": 1.0, "merge_s": 0.1, "traces_per_s": 1000.0},
        "warnings": [],
    }
    return Report.model_validate(document | changes).model_dump(mode="json")
