"""What guests are made of, from Debian's packages: kernels, headers, and for arm64 a small user land.

Everything is unpacked into build/kernel, once; nothing that this machine boots from or is installed with is touched. The
packages of the other architecture are looked up by an apt with a state of its own, so it stays unknown to this machine.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "kernel"
FETCH = ("apt-get", "-qq", "-y", "--no-install-recommends", "--download-only", "install")
USER_LAND = ("python3.11", "python3-numpy", "busybox-static")
ALONE = (
    "tests/__init__.py",
    "renode/__init__.py",
    "renode/records.py",
    "stores/__init__.py",
    "stores/writing.py",
    "workers/__init__.py",
    *(
        f"workers/simulation/{name}.py"
        for name in ("__init__", "capture_clocks", "capture_files", "capture_rows", "capture_run")
    ),
)
"""What the checks import of packages that need more than the user land of a foreign guest has."""
REPOSITORY = Path("srv/repository")
"""Where the repository's own files lie in the user land of a foreign guest."""


class Absent(Exception):
    """This machine lacks something that a guest is made of."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a guest of one architecture is made of."""

    abi: str
    """As `uname -r` says it there."""
    headers: Path
    """What modules are built against."""
    image: Path
    """The kernel."""
    modules: Path
    """Folder with the kernel's own modules, at any depth."""
    busybox: Path
    root: Path
    """What the guest sees as its files, read-only."""
    repository: Path
    """Where in there this repository lies, as the guest names it."""
    python: str
    libraries: str
    """Where the guest's libraries lie beside the usual folders."""
    make: tuple[str, ...]
    """Further arguments of make."""
    qemu: tuple[str, ...]
    """The program, the machine and its CPU."""
    console: str


@cache
def amd64() -> Parts:
    """Return the parts of a guest like this machine; raise Absent."""
    need("make", "gcc", "sparse", "cpio", "busybox", "qemu-system-x86_64", "apt-get", "dpkg")
    headers = _installed_headers()
    abi = headers.name.removeprefix("linux-headers-")
    folder = BUILD / abi
    with once(folder) as made:
        if not made:
            download(folder / "packages", [f"linux-image-{abi}"], os.environ)
            _unpack(folder / "packages", folder)
    return Parts(
        abi=abi,
        headers=headers,
        image=folder / "boot" / f"vmlinuz-{abi}",
        modules=folder / "lib" / "modules",
        busybox=Path(shutil.which("busybox") or ""),
        root=Path("/"),
        repository=ROOT,
        python=sys.executable,
        libraries="",
        make=(),
        qemu=("qemu-system-x86_64", "-cpu", "max"),
        console="ttyS0",
    )


@cache
def arm64() -> Parts:
    """Return the parts of a guest of the other architecture; raise Absent."""
    need("make", "aarch64-linux-gnu-gcc", "sparse", "cpio", "qemu-system-aarch64", "apt-get", "dpkg")
    native = _installed_headers()
    abi = native.name.removeprefix("linux-headers-").replace("amd64", "arm64")
    folder = BUILD / abi
    with once(folder) as made:
        if not made:
            environment = private_apt(folder / "apt", ("arm64",))
            download(folder / "packages", [f"linux-image-{abi}", f"linux-headers-{abi}"], environment)
            _unpack(folder / "packages", folder)
            run([*FETCH, *USER_LAND], folder, environment)
            _unpack(folder / "apt" / "cache" / "archives", folder / "root")
            # The headers' scripts are programs of this machine's own package.
            kbuild = os.path.realpath(native / "scripts")
            (folder / "usr" / "lib").mkdir(exist_ok=True)
            (folder / "usr" / "lib" / Path(kbuild).parent.name).symlink_to(Path(kbuild).parent)
    root = folder / "root"
    for mounted in ("proc", "sys", "dev", "run"):
        (root / mounted).mkdir(exist_ok=True)
    lay_repository(root / REPOSITORY)
    return Parts(
        abi=abi,
        headers=folder / "usr" / "src" / f"linux-headers-{abi}",
        image=folder / "boot" / f"vmlinuz-{abi}",
        modules=folder / "lib" / "modules",
        busybox=root / "bin" / "busybox",
        root=root,
        repository=Path("/") / REPOSITORY,
        python="/usr/bin/python3.11",
        # Where Debian's alternatives would point to, had the packages been installed.
        libraries="/usr/lib/aarch64-linux-gnu/blas:/usr/lib/aarch64-linux-gnu/lapack",
        make=("ARCH=arm64", "CROSS_COMPILE=aarch64-linux-gnu-"),
        qemu=("qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a57"),
        console="ttyAMA0",
    )


@contextmanager
def once(folder: Path) -> Iterator[bool]:
    """Tell whether a folder is made; if not, what is done in here makes it, from nothing, in one process at a time."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        complete = folder / "complete"
        if made := complete.exists():
            yield made
            return
        shutil.rmtree(folder, ignore_errors=True)
        yield made
        complete.touch()


def _installed_headers() -> Path:
    found = sorted(Path("/usr/src").glob("linux-headers-*-amd64"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise Absent("no kernel headers are installed (linux-headers-amd64)")
    return found[-1]


def need(*programs: str) -> None:
    """Raise Absent where a program is."""
    for program in programs:
        if shutil.which(program) is None:
            raise Absent(f"no {program}")


def private_apt(folder: Path, architectures: tuple[str, ...], settings: Iterable[str] = ()) -> dict[str, str]:
    """Make an apt that changes nothing of this machine's; return its environment.

    It has this machine's sources, unless `settings`, lines of apt.conf, give it others.
    """
    for part in ("state/lists/partial", "cache/archives/partial", "dpkg"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "dpkg" / "status").touch()
    known = "".join(f' "{name}";' for name in architectures)
    lines = [f'APT::Architecture "{architectures[0]}";', f"APT::Architectures {{{known} }};"]
    lines += ['APT::Sandbox::User "root";', f'Dir::State "{folder}/state";']
    lines += [f'Dir::State::status "{folder}/dpkg/status";', f'Dir::Cache "{folder}/cache";', *settings]
    (folder / "apt.conf").write_text("\n".join(lines) + "\n")
    environment = {**os.environ, "APT_CONFIG": str(folder / "apt.conf")}
    run(["apt-get", "-qq", "update"], folder, environment)
    return environment


def lay_repository(into: Path) -> None:
    """Lay what the checks import beside the user land; the guest of this architecture sees the repository itself."""
    for package in ("kernel", "jobs", "tests/kernel"):
        shutil.copytree(
            ROOT / package, into / package, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    for module in ALONE:
        (into / module).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / module, into / module)


def download(into: Path, packages: list[str], environment: Mapping[str, str]) -> None:
    """Download packages, and not what they depend on."""
    into.mkdir(parents=True, exist_ok=True)
    run(["apt-get", "-qq", "download", *packages], into, environment)


def _unpack(packages: Path, into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    for package in sorted(packages.glob("*.deb")):
        run(["dpkg", "-x", str(package), str(into)], into, os.environ)
        package.unlink()


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    """Run a command in a folder; return what it said, or raise Absent with that."""
    ran = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if ran.returncode:
        raise Absent(f"{' '.join(command[:4])} failed: {ran.stdout.strip()[-500:]}")
    return ran.stdout
