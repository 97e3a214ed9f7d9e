"""Synthetic reports of measured traces: those of simulated ones, as an import would write them."""

from typing import Any

from jobs.measuring import Clock, ImportRequest
from jobs.report import SAMPLES, Place, Report, Row
from jobs.report_measured import Mapped, Measured, Quantised

FILE = "3c" * 32
KEPT = 1500
"""Samples of the trace, where the code is not known."""


def as_import(report: Report, *, code: bool = False, asked: dict[str, Any] | None = None, **changes: Any) -> Report:
    """Return the report of an import: of instructions with `code`, else of samples.

    `asked` are fields of the request, `changes` those of what is told of the traces.
    """
    whole = report if code else _of_samples(report)
    request = ImportRequest.model_validate(
        {
            "artifact": f"sha256:{FILE}",
            "name": "On the bench",
            "unit": "mV",
            "cpa": None if report.cpa is None else {},
            **({"firmware": report.request.firmware, "target": report.simulated.target} if code else {}),
            **({"clock": Clock(samples_per_cycle=1)} if code else {}),
            **(asked or {}),
        }
    )
    told = {
        "form": "npz",
        "sha256": FILE,
        "bytes": 40_000_128,
        "traces": report.traces,
        "left_out": 0,
        "samples": whole.alignment.samples,
        "first_sample": 0,
        "unit": request.unit,
        "sampled_hz": request.sampled_hz,
        "values": {"plaintext": 16, "key": 16},
        "groups": "given",
        "groups_why": "The sets and their halves are those of the file.",
        "key": "file",
        "quantised": Quantised(lossless=False, smallest_step=0.25, largest_step=0.5, added_variance=0.002),
        "mapped": _mapped(report) if code else None,
        "notes": (),
    }
    return Report.model_validate(
        whole.model_dump()
        | {
            "request": request,
            "measured": Measured.model_validate(told | changes),
            "firmware": report.firmware if code else None,
            "engine": {"name": "measured", "version": "npz"},
            "execution": None,
            "power": report.power.model_copy(
                update={"model": "measured", "calibration": "measured", "unit": request.unit, "sampling": "sample"}
            ),
            "constant_time": None,
            "constant_time_absent": "measured traces do not tell which way an execution took",
            "warnings": (),
        }
    )


def _of_samples(report: Report) -> Report:
    """Return the first samples of a report, each a place of its own."""
    series = report.series
    kept = slice(0, KEPT)
    rows = tuple(
        Row(
            place=_place(sample),
            executions=1,
            max_abs_t1=None if t1 is None else abs(t1),
            max_abs_t2=None if t2 is None else abs(t2),
            deterministic=t1 is None,
            max_abs_rho=rho,
            rho_byte=None if rho is None else 0,
            max_snr=None,
            public=None,
        )
        for sample, (t1, t2, rho) in enumerate(
            zip(series.t1[kept], series.t2[kept], series.rho[kept] or (None,) * KEPT, strict=True)
        )
    )
    findings = tuple(
        finding.model_copy(update={"place": _place(finding.sample), "title": f"sample {finding.sample} leaks"})
        for finding in report.findings
        if finding.sample is not None and finding.sample < KEPT
    )
    curves = {name: getattr(series, name)[kept] for name in ("t1", "t2", "rho", "snr", "mean")}
    cpa = report.cpa and report.cpa.model_copy(
        update={
            "window": (0, KEPT),
            "bytes": tuple(byte.model_copy(update={"place": _place(byte.sample)}) for byte in report.cpa.bytes),
        }
    )
    alignment = {"samples": len(rows), "path_instructions": 0, "compared_instructions": 0, "kind": "full"}
    return report.model_copy(
        update={
            "rows": rows,
            "findings": findings,
            "cpa": cpa,
            "excluded": (),
            "series": series.model_copy(update=curves | {"pcs": tuple(range(len(rows)))}),
            "alignment": report.alignment.model_copy(update=alignment),
        }
    )


def _place(sample: int) -> Place:
    return Place(address=sample, mnemonic=SAMPLES, operands=str(sample), function=None, file=None, line=None)


def _mapped(report: Report) -> Mapped:
    return Mapped(
        samples_per_cycle=1,
        first_sample=0,
        executions=256,
        path_instructions=report.alignment.path_instructions,
        common_instructions=report.alignment.compared_instructions,
        before=0,
        after=0,
        output_agrees=True,
    )
