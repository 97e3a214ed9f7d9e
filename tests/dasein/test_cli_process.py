"""The command line as a process: signals, streams and terminals."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.dasein.conftest import Served, measure
from tests.servers import eventually, free_port

ROOT = Path(__file__).parents[2]
ESCAPE = b"\x1b["


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "dasein.cli", *map(str, arguments)]


def environment(**changes: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **changes}


def run(*arguments: object, **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command(*arguments), env=environment(**env), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )


@contextmanager
def terminal(*arguments: object, **env: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a command with its output on a terminal of its own."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(*arguments), env=environment(**env), stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def everything(of: int) -> bytes:
    """Read a terminal until its other end is closed."""
    text = b""
    while True:
        try:
            piece = os.read(of, 65536)
        except OSError:
            return text
        if not piece:
            return text
        text += piece


def test_no_farm_is_one_line_and_exit_status_2() -> None:
    url = f"http://127.0.0.1:{free_port()}"

    result = run("jobs", "--url", url)

    assert result.returncode == 2
    assert result.stdout == b""
    assert url.encode() in result.stderr
    assert b"make up" in result.stderr
    assert b"Traceback" not in result.stderr


def test_ctrl_c_says_how_to_go_on_and_the_job_goes_on(served: Served, elf: Path, campaign: Path) -> None:
    process = subprocess.Popen(
        command("submit", elf, "-c", campaign, "--wait", "--url", served.url),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    eventually(lambda: served.behind.hub.waiting, what="the command follows the job")

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    job_id = served.behind.queue.sent[0][1]
    assert process.returncode == 130
    assert out == b""
    assert f"dasein wait {job_id}".encode() in err
    assert f"dasein cancel {job_id}".encode() in err
    assert b"Traceback" not in err
    assert served.behind.jobs.get(job_id).state.value == "queued"


def test_output_that_nobody_watches_has_no_escape_codes(served: Served, elf: Path, campaign: Path) -> None:
    served.work(measure())

    result = run("submit", elf, "-c", campaign, "--wait", "--url", served.url, TERM="xterm-256color")

    assert result.returncode == 0
    assert ESCAPE not in result.stdout + result.stderr


def test_a_terminal_gets_a_bar_and_colours(served: Served, elf: Path, campaign: Path) -> None:
    served.work(measure())
    asked = ("submit", elf, "-c", campaign, "--wait", "--url", served.url)

    with terminal(*asked, TERM="xterm-256color") as (process, ours):
        shown = everything(ours)
        assert process.wait(20) == 0

    assert b"\x1b[1;31mLeaks: 1 findings." in shown
    assert "━".encode() in shown


def test_no_color_leaves_the_words(served: Served, elf: Path, campaign: Path) -> None:
    served.work(measure())
    asked = ("submit", elf, "-c", campaign, "--wait", "--url", served.url)

    with terminal(*asked, TERM="xterm-256color", NO_COLOR="1") as (process, ours):
        shown = everything(ours)
        assert process.wait(20) == 0

    assert b"Leaks: 1 findings." in shown
    assert b"\x1b[1;31m" not in shown
    assert b"\x1b[31m" not in shown


def test_a_dumb_terminal_gets_lines(served: Served, elf: Path, campaign: Path) -> None:
    served.work(measure())
    asked = ("submit", elf, "-c", campaign, "--wait", "--url", served.url)

    with terminal(*asked, TERM="dumb") as (process, ours):
        shown = everything(ours)
        assert process.wait(20) == 0

    assert b"1,000/1,000 traces" in shown
    assert ESCAPE not in shown


def test_a_document_is_the_only_thing_on_standard_output(served: Served, elf: Path, campaign: Path) -> None:
    served.work(measure())

    result = run("submit", elf, "-c", campaign, "--wait", "--json", "--url", served.url)

    assert json.loads(result.stdout)["state"] == "succeeded"
    assert b"traces" in result.stderr


def test_a_terminal_without_unicode_gets_question_marks(served: Served, elf: Path, campaign: Path) -> None:
    served.work(measure(headline="Leaks \u2014 \U0001f511"))
    submitted = run("submit", elf, "-c", campaign, "--wait", "--json", "--url", served.url)

    result = run("job", json.loads(submitted.stdout)["id"], "--url", served.url, PYTHONIOENCODING="ascii")

    assert result.returncode == 0
    assert b"Leaks ? ?" in result.stdout
