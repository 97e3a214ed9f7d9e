"""Documents of real jobs, as `python -m tests.page.real_jobs` made them, for tests that shall not wait for a farm."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jobs.report import CpaReport, Report
from jobs.report_bivariate import BivariateReport
from jobs.report_constant_time import SecretCheck
from jobs.report_multiplicity import Multiplicity
from jobs.report_sequential import SequentialReport
from tests.workers.simulation.reports import synthetic

FOLDER = Path(__file__).parents[1] / "web" / "ui" / "tests" / "documents"


@cache
def _text(name: str) -> str:
    return (FOLDER / f"{name}.json").read_text(encoding="utf-8")


def document(name: str) -> Any:
    """Return a document; it is the caller's own."""
    return json.loads(_text(name))


def with_parts(check: str = "compare", attack: str = "chacha") -> Report:
    """Return a synthetic report with the looks, corrections, pairs, check of secrets and attack of real ones."""
    tests, attacked = document("tests"), document("attacks")[attack]
    return synthetic().model_copy(
        update={
            "sequential": SequentialReport.model_validate(tests["sequential"]),
            "multiplicity": Multiplicity.model_validate(tests["multiplicity"]),
            "bivariate": BivariateReport.model_validate(tests["bivariate"]),
            "bivariate_absent": None,
            "secrets": SecretCheck.model_validate(document("secrets")[check]),
            "secrets_absent": None,
            "cpa": CpaReport.model_validate(attacked["cpa"]),
            "max_snr": attacked["max_snr"],
        }
    )
