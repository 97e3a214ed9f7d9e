"""Web tells workers which data folder is the farm's: the one that it has when it starts, whatever was told before."""

import shutil
import socket
from pathlib import Path

from redis import Redis

from config.folder_id import FILE, found_id
from stores.folders_redis import TOLD, RedisFolders
from tests.servers import RedisServer
from tests.web.server import WebServer


def test_web_tells_of_its_folder_at_every_start(redis_server: RedisServer, redis_client: Redis, tmp_path: Path) -> None:
    folders, server = RedisFolders(redis_client), WebServer(tmp_path, redis_server.url, web_processes=2)
    with server:
        first = list(folders.told())
        machines = redis_client.hvals(TOLD)
    redis_server.flush()
    with server:
        # Redis has lost its data: the folder is the same.
        again = list(folders.told())
    shutil.rmtree(server.data)
    with server:
        # The folder is another one, and Redis the same.
        wiped = list(folders.told())

    assert first == again
    assert machines == [socket.gethostname()]
    assert wiped == [found_id(server.data)] != first


def test_web_serves_from_a_folder_whose_id_is_damaged_and_says_so(redis_server: RedisServer, tmp_path: Path) -> None:
    server = WebServer(tmp_path, redis_server.url)
    server.data.mkdir()
    (server.data / FILE).touch()

    with server, server.client() as client:
        status = client.get("/health/ready").status_code

    assert status == 200
    assert "data_folder_not_told" in server.log.read_text()
