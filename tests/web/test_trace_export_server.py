"""An export of traces, by the server as it runs: who else asks something is answered meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from jobs.model import NewJob
from stores.artifacts import JobFiles
from tests.servers import RedisServer
from tests.web.whole_server import whole_server


def test_the_server_answers_others_while_traces_are_written(redis_server: RedisServer, tmp_path: Path) -> None:
    with whole_server(redis_server, tmp_path) as whole:
        params = {"target": {"inputs": [{"name": "plaintext", "length": 16}]}, "keep_traces": True}
        whole.jobs.submit(NewJob("kept", "campaign", params, "default"))
        whole.jobs.start("kept", worker="w", lease_s=60)
        whole.jobs.finish("kept", {})
        folder = JobFiles(whole.web.data, "campaigns").folder("kept")
        np.save(folder / "traces.npy", np.random.default_rng(7).normal(size=(2000, 500)).astype(np.float32))
        np.save(folder / "inputs.npy", np.zeros((2000, 16), np.uint8))
        np.save(folder / "groups.npy", np.zeros(2000, np.uint8))

        with whole.web.client() as client, whole.web.client() as other, ThreadPoolExecutor(1) as threads:
            export = threads.submit(client.get, "/api/v2/campaigns/kept/traces?format=parquet", timeout=60)
            answered = 0
            while not export.done():
                assert other.get("/health/live").status_code == 200
                answered += not export.done()

    assert export.result().status_code == 200, export.result().text
    assert export.result().content[:4] == b"PAR1"
    assert answered > 3
