"""Which pools need web's data folder: all that share files, which those that only answer from servers do not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

from jobs.queue import CAPTURE, INGEST, QUERY, REMFORGE, SIMULATION
from stores.folders_redis import RedisFolders

ROOT = Path(__file__).parents[2]
POOLS = ((SIMULATION,), (QUERY,), (INGEST,), (REMFORGE,), (CAPTURE,), (QUERY, INGEST))
ASK = f"""
import json
from workers.wiring import misplaced
print(json.dumps([pools for pools in {POOLS} if misplaced(pools) is not None]))
"""


@pytest.mark.parametrize(
    ("documents", "sharing"),
    [({}, POOLS), ({"DASEIN_DOCUMENTS_URL": "mongodb://u:p@localhost/dasein"}, (POOLS[0], *POOLS[2:]))],
    ids=["in-the-folder", "on-a-server"],
)
def test_workers_that_share_files_with_web_need_its_folder(
    documents: dict[str, str], sharing: tuple[tuple[str, ...], ...], redis_url: str, redis_client: Redis, tmp_path: Path
) -> None:
    RedisFolders(redis_client).tell("another", machine="web")
    environment = os.environ | {"DASEIN_REDIS_URL": redis_url, "DASEIN_DATA_DIR": str(tmp_path)} | documents

    asked = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, env=environment, capture_output=True, check=True)

    assert [tuple(pools) for pools in json.loads(asked.stdout)] == list(sharing)
