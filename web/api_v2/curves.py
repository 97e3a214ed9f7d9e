"""Curves of a campaign: windows of every sample's statistics, and the instructions behind some samples."""

from collections.abc import Callable
from http import HTTPMethod, HTTPStatus
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from flask import Response
from pydantic import ConfigDict, Field, model_validator

from jobs.errors import Gone, InvalidInput, NotFound
from jobs.forms import Misfit, Request
from stores import curves
from stores.curves import Behind, Window
from stores.ports import Files
from web.api_v2.answers import Shown, answered
from web.refusals import NoReport, NotReady
from web.reports import FOREVER
from web.routing import Answer, Api

MAX_POINTS = 20_000
MAX_LISTED = 5_000
DIGITS = {"t1": 4, "t2": 4, "rho": 5, "snr": 5, "mean": 4}
"""As in the report."""
MAX_SAMPLE = 2**31 - 1


class Samples(Request):
    """Which samples."""

    first: int = Field(0, ge=0, le=MAX_SAMPLE, alias="from", description="The first sample.")
    to: int | None = Field(None, ge=0, le=MAX_SAMPLE, description="The sample after the last; default: the end.")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.to is not None and self.to <= self.first:
            raise Misfit("to", "to must be above from")
        return self


class WindowQuery(Samples):
    """Which samples, and how finely."""

    points: int = Field(2_000, ge=1, le=MAX_POINTS, description="Buckets at most; a bucket of one sample is exact.")
    address: int | None = Field(None, ge=0, lt=2**32, description="Mark the buckets that hold this instruction.")


class ListingQuery(Samples):
    """Which samples, and how many instructions."""

    limit: int = Field(1_000, ge=1, le=MAX_LISTED, description="Instructions at most, the worst ones.")


class Extremes(Shown):
    """The least and the greatest value of each bucket."""

    low: tuple[float | None, ...] = Field(description="Null: infinite.")
    high: tuple[float | None, ...] = Field(description="Null: infinite.")


class SeriesView(Shown):
    """Bucket n holds the samples from `from` + n * `stride` on, `stride` of them, the last one perhaps fewer."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    samples: int = Field(description="Of the whole trace.")
    first: int = Field(alias="from")
    to: int
    stride: int
    pcs: tuple[int, ...] = Field(description="The instruction of each bucket's first sample.")
    worst: tuple[int, ...] = Field(
        description="The sample of each bucket with the largest |t1|; |rho| without a t-test."
    )
    t1: Extremes | None = Field(description="Null: no t-test.")
    t2: Extremes | None
    rho: Extremes | None = Field(description="Null: no attack.")
    snr: Extremes | None
    mean: Extremes | None
    marked: tuple[int, ...] = Field(description="Buckets, by their number, that hold the instruction `address`.")

    @classmethod
    def of(cls, window: Window) -> Self:
        """Write a window."""
        curves = {
            name: Extremes(low=_rounded(window.low[name], name), high=_rounded(window.high[name], name))
            if name in window.low
            else None
            for name in DIGITS
        }
        return cls(
            samples=window.samples,
            first=window.first,
            to=window.last,
            stride=window.stride,
            pcs=tuple(window.pcs.tolist()),
            worst=tuple(window.worst.tolist()),
            marked=tuple(window.marked.tolist()),
            **curves,
        )


class ListedView(Shown):
    """An instruction and what its samples among the chosen ones show."""

    address: int
    samples: int = Field(description="How many of the chosen samples are its.")
    max_abs_t1: float | None = Field(description="Null: infinite, or no t-test.")
    max_abs_t2: float | None
    max_abs_rho: float | None = Field(description="Null: no attack.")
    max_snr: float | None


class ListingView(Shown):
    """The instructions behind some samples, by address; what they are is in the report's `rows`."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    samples: int = Field(description="Of the whole trace.")
    first: int = Field(alias="from")
    to: int
    instructions: tuple[ListedView, ...]
    total: int = Field(description="Instructions behind these samples; above `limit` the others are left out.")

    @classmethod
    def of(cls, found: Behind, *, limit: int) -> Self:
        """Write what is behind some samples."""
        heights = next((found.largest[name] for name in ("t1", "rho") if name in found.largest), found.counts)
        kept = np.sort(np.argsort(-np.asarray(heights, float), kind="stable")[:limit])

        def column(name: str) -> tuple[float | None, ...]:
            return _rounded(found.largest[name][kept], name) if name in found.largest else tuple(None for _ in kept)

        rows = zip(
            found.pcs[kept].tolist(),
            found.counts[kept].tolist(),
            *(column(name) for name in ("t1", "t2", "rho", "snr")),
            strict=True,
        )
        return cls(
            samples=found.samples,
            first=found.first,
            to=found.last,
            instructions=tuple(
                ListedView(address=pc, samples=count, max_abs_t1=t1, max_abs_t2=t2, max_abs_rho=rho, max_snr=snr)
                for pc, count, t1, t2, rho, snr in rows
            ),
            total=len(found.pcs),
        )


def serve_curves(api: Api, files: Files, report: Callable[[str], Path]) -> None:
    """Serve curves; `report` says where a campaign's report lies, or raises as the report's own view does."""

    def records_of(campaign_id: str) -> curves.Records:
        report(campaign_id)
        try:
            return curves.load(files, campaign_id)
        except NotFound as error:
            raise NoReport(
                "Its curves were removed, or an earlier version, which kept none, had measured it."
            ) from error

    @api.on(
        HTTPMethod.GET,
        path="/campaigns/<job:campaign_id>/series",
        summary="Read the curves at any resolution",
        query=WindowQuery,
        answers=(Answer(HTTPStatus.OK, "A window of the curves.", SeriesView),),
        refusals=(NotFound, NoReport, NotReady, Gone, InvalidInput),
    )
    def show_series(campaign_id: str, query: WindowQuery) -> Response:
        """Return the least and the greatest value of every curve in each of at most `points` buckets of samples.

        Where a bucket is one sample the values are exact. Samples beyond the trace's end are left out.
        """
        found = curves.window(
            records_of(campaign_id), first=query.first, last=query.to, points=query.points, address=query.address
        )
        return answered(SeriesView.of(found), headers={"Cache-Control": FOREVER})

    @api.on(
        HTTPMethod.GET,
        path="/campaigns/<job:campaign_id>/listing",
        summary="Read the code behind some samples",
        query=ListingQuery,
        answers=(Answer(HTTPStatus.OK, "The instructions that made these samples.", ListingView),),
        refusals=(NotFound, NoReport, NotReady, Gone, InvalidInput),
    )
    def show_listing(campaign_id: str, query: ListingQuery) -> Response:
        """Return the instructions that made the samples, with how many of these are theirs and what they show there."""
        found = curves.behind(records_of(campaign_id), first=query.first, last=query.to)
        return answered(ListingView.of(found, limit=query.limit), headers={"Cache-Control": FOREVER})


def _rounded(values: npt.NDArray[np.float64], name: str) -> tuple[float | None, ...]:
    finite = np.isfinite(values).tolist()
    return tuple(
        value if known else None for value, known in zip(np.round(values, DIGITS[name]).tolist(), finite, strict=True)
    )
