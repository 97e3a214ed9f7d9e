"""A Milvus in a wheel, on a free port of loopback."""

import importlib.util
import signal
import subprocess
import sys
from pathlib import Path

from jobs.errors import StoreUnavailable
from stores.vectors_milvus import MilvusVectors
from tests.servers import eventually, free_port

PROGRAM = Path(sys.executable).with_name("milvus-lite")


class MilvusServer:
    """A Milvus Lite that can be killed and started again on the same data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.folder / "milvus.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(str(PROGRAM), "server", "--data-dir", str(self.folder / "data"), "--max-workers", "1"),
                    *("--host", "127.0.0.1", "--port", str(self.port)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        eventually(self._answers, within_s=90, what="Milvus answers")

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self._process is not None:
            # It does not know SIGTERM.
            self._process.send_signal(signal.SIGINT)
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        """End it at once, without a chance to write anything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            MilvusVectors(self.url, token=None, patience_s=1).ping()
        except StoreUnavailable:
            return False
        return True


def has_milvus() -> bool:
    """Say whether there is a server to start."""
    return PROGRAM.is_file() and importlib.util.find_spec("faiss") is not None
