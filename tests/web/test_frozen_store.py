"""A scrape while a store holds its connections and answers nobody."""

import signal
from pathlib import Path

from tests.servers import RedisServer
from tests.web.server import WebServer

SCRAPE_S = 14
"""Less than a command waits for an answer of Redis (`stores.redis_client`), and some more than a scrape takes."""


def test_a_scrape_is_answered_in_time_while_redis_is_frozen(redis_server: RedisServer, tmp_path: Path) -> None:
    process = redis_server._process
    assert process is not None

    with WebServer(tmp_path, redis_server.url) as web, web.client(timeout_s=SCRAPE_S) as client:
        before = client.get("/metrics").text
        process.send_signal(signal.SIGSTOP)
        try:
            frozen = client.get("/metrics").text
        finally:
            process.send_signal(signal.SIGCONT)

    assert ("dasein_store_up 1.0" in before, "dasein_store_up 0.0" in frozen) == (True, True)
