"""Campaigns that have ended, put where the farm looks for them: real and synthetic reports, without running anything."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from jobs.model import NewJob
from jobs.queue import CAMPAIGN, MEASURED
from jobs.report import Report
from stores import curves
from stores.artifacts import JobFiles
from stores.jobs_redis import RedisJobs
from tests.web.server import WebServer


def recorded(jobs: RedisJobs, campaign: str, params: Mapping[str, Any], *, kind: str = CAMPAIGN.name) -> None:
    """Record a campaign, and take it as a worker would."""
    jobs.submit(NewJob(campaign, kind, params))
    jobs.start(campaign, worker="w@here:1", lease_s=600)


def finished(server: WebServer, jobs: RedisJobs, report: Report, campaign: str, *, thinned: int = 1) -> Report:
    """End a campaign with a report, and the curves of all its samples; the report itself may show them thinned."""
    report = report.model_copy(update={"campaign": campaign})
    series = report.series
    files = JobFiles(server.data, "campaigns")
    shown = {name: np.array(getattr(series, name), float) for name in curves.CURVES if getattr(series, name)}
    curves.save(files, campaign, np.array(series.pcs, np.uint32), shown)
    if thinned > 1:
        few: dict[str, Any] = {"stride": thinned, "pcs": series.pcs[::thinned]}
        for name, values in shown.items():
            cuts = [values[start : start + thinned] for start in range(0, len(values), thinned)]
            few[name] = tuple(float(cut[np.abs(cut).argmax()]) for cut in cuts)
        report = report.model_copy(update={"series": series.model_copy(update=few)})
    files.write(campaign, "report.json", [report.model_dump_json().encode()])
    kind = CAMPAIGN if report.measured is None else MEASURED
    recorded(jobs, campaign, report.request.model_dump(mode="json"), kind=kind.name)
    jobs.finish(
        campaign,
        {
            "campaign": campaign,
            "name": report.request.name,
            "entry": report.request.target.entry if report.request.target else None,
            "firmware": report.request.firmware,
            "verdict": report.verdict.value,
            "headline": report.headline,
            "traces": report.traces,
            "samples": report.alignment.samples,
        },
    )
    return report
