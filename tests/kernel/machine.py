"""A machine to load the module in: Debian's kernel under QEMU, which sees this one's files and can change none.

The kernel is fetched by the client of Debian's packages, for the headers that are installed, and unpacked into
build/kernel; nothing that this machine boots from is touched. QEMU interprets (TCG): where /dev/kvm exists it may hang.
QEMU exits with 0 even after an Oops, so what counts is what was said on the console.
"""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "kernel"
VIRTIO = ("virtio_ring", "virtio", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci")
PLAN9 = ("netfs", "fscache", "9pnet", "9pnet_virtio", "9p")
DONE = "GUEST-DONE"
BAD = re.compile(r"\b(BUG|WARNING|Oops|Call Trace|Kernel panic|general protection)\b")
INIT = """#!/bin/busybox sh
b=/bin/busybox
$b mkdir -p /proc /sys /dev /host
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for m in {modules}; do $b insmod /$m.ko || echo "no $m"; done
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,ro,cache=loose root /host || echo "no host"
for d in proc sys dev; do $b mount -o bind /$d /host/$d; done
$b mount -t tmpfs tmp /host/tmp
$b cp /*.ko /host/tmp/
cd /host
$b chroot /host /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp PYTHONPATH={root} PYTHONDONTWRITEBYTECODE=1 \
  PYTHONUNBUFFERED=1 MONJE_MODULES=/tmp OPENBLAS_NUM_THREADS=1 {python} -m tests.kernel.guest {what}
echo "guest exit $?"
$b dmesg | $b grep -E "monje|BUG|WARNING|Oops|Call Trace|RIP" | $b tail -60
echo {done}
$b poweroff -f
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What the guest said."""

    console: str
    results: dict[str, str | None]
    """Each check by name: None where it held, else why not."""
    planned: int | None
    """How many checks it said it would run."""


@cache
def headers() -> Path | None:
    """Return the newest kernel headers that are installed; None without any."""
    found = sorted(Path("/usr/src").glob("linux-headers-*-amd64"), key=lambda path: path.stat().st_mtime)
    return found[-1] if found else None


def lacks() -> str | None:
    """Say what this machine lacks to run a guest; None where it has all."""
    if headers() is None:
        return "no kernel headers (linux-headers-amd64)"
    for program in ("qemu-system-x86_64", "busybox", "cpio", "make", "gcc", "apt-get", "dpkg"):
        if shutil.which(program) is None:
            return f"no {program}"
    return None


def kernel(abi: str) -> Path:
    """Return the folder of an unpacked kernel package, fetching it once."""
    folder = BUILD / abi
    if not (folder / "boot" / f"vmlinuz-{abi}").exists():
        folder.mkdir(parents=True, exist_ok=True)
        _run(["apt-get", "-qq", "download", f"linux-image-{abi}"], folder)
        for package in folder.glob("linux-image-*.deb"):
            _run(["dpkg", "-x", str(package), "."], folder)
            package.unlink()
    return folder


def build(into: Path, *, warnings: bool = False) -> str:
    """Build both modules from a copy of kernel/ in `into`; return what the compiler said."""
    where = headers()
    assert where is not None
    shutil.copytree(
        ROOT / "kernel", into, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.o", "*.ko", "*.mod*", "__pycache__")
    )
    checks = ["W=1", "C=1"] if warnings else []
    return _run(["make", f"KDIR={where}", "MONJE_FAKE=m", *checks, "modules"], into)


def boot(modules: Path, work: Path, what: str, *options: str, timeout_s: float = 200) -> Told:
    """Boot a guest, run the checks `what` in it, and return what it said."""
    where = headers()
    assert where is not None
    abi = where.name.removeprefix("linux-headers-")
    unpacked = kernel(abi)
    tree = work / f"initramfs-{what or 'all'}"
    (tree / "bin").mkdir(parents=True, exist_ok=True)
    shutil.copy(shutil.which("busybox") or "", tree / "bin" / "busybox")
    for name in (*VIRTIO, *PLAN9):
        shutil.copy(next((unpacked / "lib" / "modules").rglob(f"{name}.ko")), tree)
    for built in (modules / "monje_virtual.ko", modules / "tests" / "monje_fake_ina219.ko"):
        shutil.copy(built, tree)
    script = INIT.format(modules=" ".join((*VIRTIO, *PLAN9)), root=ROOT, python=sys.executable, what=what, done=DONE)
    (tree / "init").write_text(script)
    (tree / "init").chmod(0o755)
    image = work / f"{what or 'all'}.cpio"
    names = "\n".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
    with image.open("wb") as out:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=tree, input=names.encode(), stdout=out, check=True)
    command = [
        "qemu-system-x86_64",
        "-accel",
        "tcg",
        "-cpu",
        "max",
        "-m",
        "768",
        "-nographic",
        "-no-reboot",
        "-nodefaults",
    ]
    command += ["-serial", "stdio", "-kernel", str(unpacked / "boot" / f"vmlinuz-{abi}"), "-initrd", str(image)]
    command += [
        "-fsdev",
        "local,id=root,path=/,security_model=none,readonly=on",
        "-device",
        "virtio-9p-pci,fsdev=root,mount_tag=root",
    ]
    command += ["-append", "console=ttyS0 panic=-1 quiet loglevel=1 suspend.pm_test_delay=1", *options]
    try:
        ran = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        console = ran.stdout
    except subprocess.TimeoutExpired as late:
        console = (late.stdout or b"").decode(errors="replace") + f"\nno end within {timeout_s} s"
    return told(console)


def told(console: str) -> Told:
    """Read the KTAP lines of a console."""
    results: dict[str, str | None] = {}
    planned = re.search(r"^1\.\.(\d+)\s*$", console, re.MULTILINE)
    for line in console.splitlines():
        if match := re.match(r"(not )?ok \d+ (\S+)(?: # (.*))?$", line.strip()):
            results[match[2]] = (match[3] or "it did not hold") if match[1] else None
    return Told(console, results, int(planned[1]) if planned else None)


def _run(command: list[str], folder: Path) -> str:
    ran = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    return ran.stdout
