import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from jobs.forging import Outcome
from jobs.rem import Label, Modality
from jobs.rem_sequence import SequenceReport
from tests.workers.remforge.records import record, sequence
from workers.remforge.exports_html import HEIGHT, MOST_ROWS, SMALL_FROM, TOP, to_html
from workers.remforge.sequence import report

VOID = {"meta", "link", "br", "path", "circle", "rect", "use", "line"}
NASTY = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;"


class Outline(HTMLParser):
    """What a page is made of."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text.append(data)

    def all(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get(attribute)) is not None]

    def of_class(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for _, attributes in self.tags if name in (attributes.get("class") or "").split()]


def nasty() -> SequenceReport:
    label = Label(name=NASTY, score=0.5, kind="zero-shot")
    rems = [
        record(NASTY, Modality.IMAGE, headline=NASTY, labels=(label,), warnings=(NASTY,)),
        *(record(NASTY, valence=0.1 * at, headline=NASTY, valence_method=NASTY, seed=at) for at in range(5)),
    ]
    failed = Outcome(name=NASTY, artifact="x", code=NASTY, reason=NASTY, message=NASTY)
    return report(rems, title=NASTY, job=NASTY, failed=[failed])


@pytest.mark.parametrize("records", [0, 1, 3, 24, SMALL_FROM + 10])
def test_every_element_is_closed_and_every_reference_has_its_target(records: int) -> None:
    outline = Outline(to_html(report(sequence(records), title="A week", job="job")))

    ids = outline.all("id")
    targets = [value[1:] for value in outline.all("href") if value.startswith("#")] + outline.all("aria-labelledby")
    assert outline.open == []
    assert len(set(ids)) == len(ids)
    assert set(targets) <= set(ids)


def test_nothing_is_loaded_no_script_runs_and_the_page_forbids_itself_both() -> None:
    page = to_html(report(sequence(24), title="A week", job="job"))
    outline = Outline(page)

    policy = next(tag["content"] or "" for name, tag in outline.tags if tag.get("http-equiv"))
    style = re.search(rb"<style>(.*?)</style>", page, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1]).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in policy
    assert "script" not in {name for name, _ in outline.tags}
    assert outline.all("style") == []
    assert not any(name.startswith("on") for _, attributes in outline.tags for name in attributes)
    assert all(value.startswith(("#", "data:")) for value in outline.all("href") + outline.all("src"))
    assert not re.search(rb"@import|url\(", page)


def test_names_that_are_markup_stay_text_wherever_they_stand() -> None:
    page = to_html(nasty())
    outline = Outline(page)

    assert outline.open == []
    assert not {"script", "img"} & {name for name, _ in outline.tags}
    assert "".join(outline.text).count(NASTY) >= 12


def test_a_record_whose_valence_is_not_known_lies_in_the_band_and_not_at_zero() -> None:
    rems = [record("a.jpg", Modality.IMAGE), record("b.txt", valence=0.0), record("c.txt", valence=1.0)]

    page = to_html(report(rems, title="", job="job")).decode()

    places = [float(y) for y in re.findall(r'<svg x="[\d.]+%" y="([\d.]+)" overflow', page)]
    assert places[0] > TOP + HEIGHT
    assert places[1:] == [TOP + HEIGHT / 2, TOP]


def test_the_line_is_dashed_over_what_is_not_known() -> None:
    rems = [record(valence=0.1), record("a.jpg", Modality.IMAGE), record(valence=0.2), record(valence=0.3)]

    plot = to_html(report(rems, title="", job="job")).partition(b'role="img"')[2].decode()

    assert len(re.findall(r'class="series gap"', plot)) == 1
    assert len(re.findall(r'class="series"', plot)) == 1


def test_the_trend_line_ends_where_the_scale_does() -> None:
    rems = [record(f"{at}.txt", valence=value, seed=at) for at, value in enumerate((-1, -1, -0.9, 0.9, 1, 1))]

    page = to_html(report(rems, title="", job="job"))

    (line,) = [one for one in Outline(page).of_class("trend") if (one["x1"] or "").endswith("%")]
    heights = [float(line[name] or "nan") for name in ("y1", "y2")]
    assert max(heights) <= TOP + HEIGHT
    assert min(heights) >= TOP


def test_bars_are_as_long_as_their_shares() -> None:
    rems = [record("a.txt"), *(record(f"{at}.jpg", Modality.IMAGE) for at in range(3))]

    outline = Outline(to_html(report(rems, title="", job="job")))

    tracks = [
        bar["width"] for bar in outline.of_class("filled")[:2] + outline.of_class("sense") if bar.get("height") == "12"
    ]
    assert tracks == ["25.0%", "75.0%", "50.0%", "25.0%", "25.0%"]


def test_a_long_sequence_shows_its_first_rows_and_says_where_the_others_are() -> None:
    rems = [record(f"{at}.txt", valence=0.0, seed=1) for at in range(MOST_ROWS + 1)]

    page = to_html(report(rems, title="", job="job"))

    assert page.count(b'<tr id="r') == MOST_ROWS
    assert "all of them are in report.json and report.csv" in page.decode()
    assert page.count(b'class="dot') == MOST_ROWS + 1


def test_what_has_no_value_says_why() -> None:
    page = to_html(report([record("a.jpg", Modality.IMAGE)], title="", job="job")).decode()

    assert 'title="there are no words">not known' in page
    assert "There is no trend line: a trend needs at least 4 records with a valence; there are 0." in page
    assert "There is no mean: no record has a modality_distribution." in page
