"""What a model host is started with, and its command line."""

import json
import os
import re
import tempfile
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from workers.remforge.inference import Role
from workers.remforge.models.model import Spec

SOCKET_LIMIT = 100
"""Characters of a socket's path: sockaddr_un has room for 107 (unix(7))."""
REAL_LOADER = "workers.remforge.models.loading:make_loader"


@dataclass(frozen=True, slots=True)
class HostOptions:
    """What a model host is started with."""

    folder: Path
    """The data folder that the farm's processes share; sockets and states lie in its `run`."""
    node: str
    specs: tuple[Spec, ...]
    cache: Path
    cache_bytes: int
    budget_bytes: int
    device: str = "auto"
    idle_s: float = 900.0
    grace_s: float = 20.0
    threads: int = 1
    offline: bool = False
    allow_test_models: bool = False
    models_folder: Path | None = None
    """Where the loader keeps what it fetches."""
    loader: str = REAL_LOADER
    gpu_cleanup: bool = False
    log_level: str = "INFO"
    log_file: Path | None = None
    log_limit_bytes: int = 10 * 2**20
    log_files: int = 5

    @property
    def socket(self) -> Path:
        """Return where the host listens."""
        return socket_path(self.folder, self.node)

    def arguments(self) -> list[str]:
        """Return the command line, for `parsed`."""
        specs = [{"role": spec.role, "source": spec.source, "pinned": spec.pinned} for spec in self.specs]
        flags = {
            "--offline": self.offline,
            "--allow-test-models": self.allow_test_models,
            "--gpu-cleanup": self.gpu_cleanup,
        }
        return [
            *("--folder", str(self.folder), "--node", self.node, "--specs", json.dumps(specs)),
            *("--cache", str(self.cache), "--cache-bytes", str(self.cache_bytes)),
            *("--budget-bytes", str(self.budget_bytes), "--device", self.device, "--threads", str(self.threads)),
            *("--idle-s", str(self.idle_s), "--grace-s", str(self.grace_s)),
            *("--loader", self.loader, "--log-level", self.log_level),
            *(() if self.log_file is None else ("--log-file", str(self.log_file))),
            *("--log-limit-bytes", str(self.log_limit_bytes), "--log-files", str(self.log_files)),
            *(() if self.models_folder is None else ("--models-folder", str(self.models_folder))),
            *(flag for flag, given in flags.items() if given),
        ]


def parsed(arguments: Sequence[str]) -> tuple[HostOptions, int | None]:
    """Return the options of a command line, and the process to look after; leave the program where it is wrong."""
    parser = ArgumentParser(prog="python -m workers.remforge.models.host", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--node", type=node_name, required=True)
    parser.add_argument("--specs", type=_specs, required=True, help='[{"role": ..., "source": ..., "pinned": false}]')
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--cache-bytes", type=int, required=True)
    parser.add_argument("--budget-bytes", type=int, required=True)
    parser.add_argument("--device", type=_device, default="auto", help="auto, cpu or cuda:<n>")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--idle-s", type=float, default=900.0)
    parser.add_argument("--grace-s", type=float, default=20.0)
    parser.add_argument("--loader", default=REAL_LOADER, help="module:function that makes the loader")
    parser.add_argument("--log-level", default="INFO")
    parser.add_argument("--log-file", type=Path, help="instead of standard error")
    parser.add_argument("--log-limit-bytes", type=int, default=10 * 2**20)
    parser.add_argument("--log-files", type=int, default=5)
    parser.add_argument("--models-folder", type=Path)
    for flag in ("--offline", "--allow-test-models", "--gpu-cleanup"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--supervisor", type=int, help="end when this process does")
    fields = vars(parser.parse_args(arguments))
    supervisor: int | None = fields.pop("supervisor")
    return HostOptions(**fields), supervisor


def socket_path(folder: Path, node: str) -> Path:
    """Return where a node's host listens: in the data folder, or in one of this user's for temporary files where that
    path would be too long for a socket.
    """
    path = folder.resolve() / "run" / f"models-{node_name(node)}.sock"
    if len(os.fsencode(path)) < SOCKET_LIMIT:
        return path
    name = sha256(os.fsencode(path)).hexdigest()[:24]
    return Path(tempfile.gettempdir()) / f"dasein-{os.getuid()}" / f"{name}.sock"


def node_name(node: str) -> str:
    """Return a node's name if it can name a file; raise ValueError."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}", node):
        msg = f"{node!r} cannot name a node"
        raise ValueError(msg)
    return node


def _device(text: str) -> str:
    if not re.fullmatch(r"auto|cpu|cuda:\d{1,2}", text):
        msg = "auto, cpu or cuda:<n>"
        raise ValueError(msg)
    return text


def _specs(text: str) -> tuple[Spec, ...]:
    return tuple(Spec(Role(one["role"]), str(one["source"]), bool(one["pinned"])) for one in json.loads(text))
