"""The files of a profiled attack's report: complete, self-contained, and the same for the same report."""

import csv
import io
import re

import pytest

from jobs.profiling import Method, ProfileRequest
from jobs.report import Place
from jobs.report_profile import (
    AttackPoint,
    ByteAttack,
    BytePoints,
    Estimate,
    MethodReport,
    PointOfInterest,
    ProfileReport,
)
from tests.workers.simulation.conftest import NOW
from tests.workers.simulation.test_report_html import Outline
from workers.simulation.profile_html import to_html
from workers.simulation.profile_report import render
from workers.simulation.profile_table import HEADER, to_csv

HOSTILE = "<script>alert(1)</script>"


def estimate(value: float) -> Estimate:
    return Estimate(value=value, low=max(value - 0.1, 0.0), high=min(value + 0.1, 1.0))


def method(name: Method, *, known: bool) -> MethodReport:
    curve = tuple(
        AttackPoint(
            traces=traces,
            attacks=100 // traces,
            success=estimate(share),
            success_order=estimate(min(1.0, 2 * share)),
            bytes_right=estimate(share),
            guessing_entropy=Estimate(value=8 * (1 - share), low=None, high=None),
            mean_rank=127.5 * (1 - share),
        )
        for traces, share in ((1, 0.0), (10, 0.5), (100, 1.0))
    )
    byte = ByteAttack(
        index=3,
        best_guess=0xAB,
        true_value=0xAB if known else None,
        rank=0 if known else None,
        margin=12.25,
        information=estimate(0.5) if known else None,
        bits=(1.5, -0.25, *[0.0] * 6) if name is Method.STOCHASTIC else (),
        success=tuple(point.success for point in curve) if known else (),
        mean_rank=tuple(point.mean_rank for point in curve) if known else (),
    )
    return MethodReport(
        method=name,
        model="a model",
        classes=9,
        key="ab",
        recovered=1 if known else None,
        curve=curve if known else (),
        curve_absent=None if known else "the key of the attacked traces is unknown",
        traces_to_success=100 if known else None,
        bytes=(byte,),
    )


def made(*, known: bool = True, place: Place | None = None) -> ProfileReport:
    points = (PointOfInterest(sample=7, snr=None, place=place), PointOfInterest(sample=9, snr=0.125, place=None))
    return ProfileReport(
        profile="p-1",
        created_at=NOW,
        request=ProfileRequest(campaign="c-1", attack="c-2", order=5),
        headline="Templates find it from 100 traces.",
        digest="d1" * 32,
        campaign_digest="c1" * 32,
        attack_digest="c2" * 32,
        traces_profiling=1000,
        traces_attack=100,
        samples=50,
        samples_considered=40,
        key_bytes=1,
        key_varies=True,
        same_key=False,
        points=(BytePoints(index=3, significant=2, points=points),),
        methods=tuple(method(name, known=known) for name in Method),
        warnings=("Mind the gap.",),
    )


def test_the_report_reads_back_from_its_json() -> None:
    report = made()

    files = render(report)

    assert sorted(files) == ["profile.csv", "profile.html", "profile.json", "profile.png"]
    assert ProfileReport.model_validate_json(files["profile.json"]) == report
    assert files["profile.png"].startswith(b"\x89PNG\r\n")
    assert {name: files[name] for name in files if name != "profile.png"} == {
        name: content for name, content in render(made()).items() if name != "profile.png"
    }


@pytest.mark.parametrize("known", [True, False])
def test_the_page_is_whole_and_loads_nothing(known: bool) -> None:
    page = to_html(made(known=known))
    outline = Outline(page)

    ids = outline.all("id")
    labels = [name for value in outline.all("aria-labelledby") for name in value.split()]
    links = [value.removeprefix("#") for value in outline.all("href") if value.startswith("#")]
    assert outline.open == []
    assert len(set(ids)) == len(ids)
    assert set(labels) | set(links) <= set(ids)
    assert all(tag != "script" for tag, _ in outline.tags)
    assert not re.search(rb"@import|url\(|https?:", page)
    policy = next(
        attributes["content"] for tag, attributes in outline.tags if tag == "meta" and "http-equiv" in attributes
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_the_page_says_what_matters() -> None:
    words = Outline(to_html(made())).words

    for told in (
        "Templates find it from 100 traces.",
        "Mind the gap.",
        "Success rate, order 1 (solid) and 5 (dashed)",
        "0.50 (0.40\u20130.60)",
        "+1.50",
        "\u22120.25",
        "no firmware known",
        "\u221e",
        "d1" * 32,
    ):
        assert told in words


def test_a_page_without_ranks_says_why() -> None:
    page = to_html(made(known=False))

    assert "The key of the attacked traces is unknown" in Outline(page).words
    assert b"<polyline" not in page


def test_names_from_firmware_stay_text() -> None:
    place = Place(address=8, mnemonic=HOSTILE, operands="", function=HOSTILE, file=HOSTILE, line=1)

    page = to_html(made(place=place))

    assert HOSTILE.encode() not in page
    assert b"&lt;script&gt;" in page


def test_the_table_has_a_row_for_the_key_and_each_byte_at_each_number_of_traces() -> None:
    text = to_csv(made()).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))

    assert text.splitlines()[0] == ",".join(HEADER)
    assert text.count("\r\n") == len(rows) + 1
    assert len(rows) == 2 * (3 + 3)
    half = next(row for row in rows if (row["method"], row["byte"], row["traces"]) == ("templates", "all", "10"))
    assert (half["success"], half["success_order"], half["guessing_entropy_low"]) == ("0.5", "1.0", "")
    assert {row["byte"] for row in rows} == {"all", "3"}


def test_a_table_without_ranks_has_its_header_alone() -> None:
    assert len(to_csv(made(known=False)).splitlines()) == 1
