"""The page of measured traces in a real browser."""

from pathlib import Path

from tests.servers import demand
from tests.workers.simulation.browser import browsing, chromium
from tests.workers.simulation.measured.conftest import Bench, Kept, npz


def test_the_page_of_traces_without_code_loads_in_silence_and_names_samples(
    bench: Bench, kept: Kept, tmp_path: Path
) -> None:
    program = chromium()
    demand("chromium", present=program is not None)
    assert program is not None
    values = {"plaintext": kept.plaintext, "key": kept.key, "groups": kept.groups}
    bench.take_in(npz({"traces": kept.traces[:, 800:2300], **values}), unit="mV", name="On the bench")
    file = bench.lab.services.files.path("m", "report.html")

    with browsing(program, tmp_path) as page:
        page.open(file, width=1400)

        assert page.value("document.documentElement.dataset.ready") == "true"
        assert page.value("document.documentElement.scrollWidth") <= 1400
        text = page.value("document.body.innerText")
        assert page.errors == []
    assert "On the bench" in text
    assert "sample 1" in text
    assert "gives away key byte 3" in text
    assert "instructions;" not in text
    assert "0x000" not in text
