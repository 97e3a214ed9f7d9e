"""The API against its own document, by chance that is seeded: `make fuzz-api` sends thousands of cases, CI some hundreds.

`DASEIN_FUZZ` gives the examples for each call; with more than a few of them all phases run, coverage too.
"""

import os
from pathlib import Path

from tests.servers import RedisServer
from tests.web.fuzzing import UNLIMITED, fuzz
from tests.web.whole_server import whole_server

FEW = 2
QUICK = ("--phases", "examples,fuzzing,stateful")


def test_nothing_that_the_document_allows_or_forbids_surprises_it(redis_server: RedisServer, tmp_path: Path) -> None:
    examples = int(os.environ.get("DASEIN_FUZZ", FEW))

    with whole_server(redis_server, tmp_path, **UNLIMITED) as server:
        status, said = fuzz(server, examples=examples, arguments=QUICK if examples <= FEW else ())

    assert status == 0, said
    assert "Selected: 0/" not in said
