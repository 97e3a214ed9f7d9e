"""A log within bounds, while several processes write it."""

import json
import subprocess
import sys
from pathlib import Path

from deploy.procfile import ROOT

LIMIT, KEPT, LINES = 20_000, 50, 600
WRITER = """
import logging, os, sys
from pathlib import Path
from config.log_file import LogFile
from config.logs import LogOptions, configure_logs
path, lines, limit, kept = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
configure_logs(LogOptions(file=LogFile(path, limit, kept)))
# One of them is a fork, which shares what is open.
who = "child" if os.fork() == 0 else "parent"
for number in range(lines):
    logging.getLogger("t").info("line", extra={"who": f"{sys.argv[5]}-{who}", "number": number})
os.write(1, b"printed\\n")
if who == "parent":
    os.wait()
"""


def write(path: Path, *, lines: int, limit: int, kept: int, who: str = "one") -> "subprocess.Popen[str]":
    arguments = [str(path), str(lines), str(limit), str(kept), who]
    return subprocess.Popen([sys.executable, "-c", WRITER, *arguments], cwd=ROOT, text=True, stderr=subprocess.PIPE)


def files(path: Path) -> list[Path]:
    """Return the log and what was put aside, oldest first."""
    aside = sorted(path.parent.glob(f"{path.name}.*"), key=lambda each: -int(each.suffix[1:]))
    return [*aside, path]


def test_processes_that_share_a_log_lose_no_line_and_keep_it_within_bounds(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "web.log"

    writers = [write(path, lines=LINES, limit=LIMIT, kept=KEPT, who=who) for who in ("one", "two")]

    for writer in writers:
        assert writer.wait(60) == 0, writer.communicate()
        writer.communicate()
    told = [line for file in files(path) for line in file.read_text().splitlines()]
    printed = [line for line in told if line == "printed"]
    events = [json.loads(line) for line in told if line != "printed"]
    by_writer: dict[str, list[int]] = {}
    for event in events:
        by_writer.setdefault(event["who"], []).append(event["number"])
    assert by_writer == {
        f"{who}-{which}": list(range(LINES)) for who in ("one", "two") for which in ("parent", "child")
    }
    assert len(printed) == 4
    assert len(files(path)) > 5
    longest = max(len(line) for line in told)
    # Whoever looked before another one wrote may add a line.
    assert all(file.stat().st_size <= LIMIT + 4 * (longest + 1) for file in files(path))


def test_only_so_many_are_kept_and_the_newest_lines_stay(tmp_path: Path) -> None:
    path = tmp_path / "web.log"

    with write(path, lines=LINES, limit=5000, kept=2) as writer:
        assert writer.wait(60) == 0

    assert [file.name for file in files(path)] == ["web.log.2", "web.log.1", "web.log"]
    told = "".join(file.read_text() for file in files(path))
    assert f'"number": {LINES - 1}' in told
    assert '"number": 0,' not in told


def test_a_log_that_somebody_took_away_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    program = f"""
import logging
from pathlib import Path
from config.log_file import LogFile
from config.logs import LogOptions, configure_logs
path = Path({str(path)!r})
configure_logs(LogOptions(file=LogFile(path, 10_000, 1)))
logging.getLogger("t").info("before")
path.rename(path.with_name("taken"))
logging.getLogger("t").info("after")
"""

    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=30)

    assert '"before"' in (tmp_path / "taken").read_text()
    assert '"after"' in path.read_text()


def test_a_log_that_cannot_be_put_aside_goes_on_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    program = f"""
import logging
from pathlib import Path
from config.log_file import LogFile
from config.logs import LogOptions, configure_logs
path = Path({str(path)!r})
configure_logs(LogOptions(file=LogFile(path, 4096, 1)))
# A folder in the way, which no file can replace.
(path.with_name("web.log.1") / "full").mkdir(parents=True)
for number in range(40):
    logging.getLogger("t").info("line", extra={{"number": number, "much": "x" * 200}})
"""

    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=30)

    events = [json.loads(line) for line in path.read_text().splitlines()]
    assert [event["number"] for event in events if event["event"] == "line"] == list(range(40))
    assert any(event["event"] == "log_not_put_aside" for event in events)
