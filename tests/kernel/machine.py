"""A machine to load the module in: Debian's kernel under QEMU, which sees files of this one and can change none.

QEMU interprets (TCG): where /dev/kvm exists it may hang. It exits with 0 even after an Oops, so what counts is what was
said on the console.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.kernel.debian import ROOT, Parts

VIRTIO = ("virtio_ring", "virtio", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci")
PLAN9 = ("netfs", "fscache", "9pnet", "9pnet_virtio", "9p")
PULSES = ("pps_core",)
"""Where PPS is a module, as in 5.10 of bullseye."""
DONE = "GUEST-DONE"
BAD = re.compile(r"\b(BUG|WARNING|Oops|Call [Tt]race|Kernel panic|general protection|Internal error)\b")
INIT = """#!/bin/busybox sh
b=/bin/busybox
$b mkdir -p /proc /sys /dev /host
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for m in {modules}; do [ ! -e /$m.ko ] || $b insmod /$m.ko || echo "no $m"; done
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,ro,cache=loose root /host || echo "no host"
for d in proc sys dev; do $b mount -o bind /$d /host/$d; done
$b mount -t tmpfs run /host/run
$b cp /*.ko /host/run/
echo "guest kernel $($b uname -r)"
$b env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/run TMPDIR=/run PYTHONPATH={path} PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
  LD_LIBRARY_PATH={libraries} MONJE_MODULES=/run OPENBLAS_NUM_THREADS=1 \
  $b chroot /host {python} -m tests.kernel.guest {what}
echo "guest exit $?"
$b dmesg | $b grep -E "monje|BUG|WARNING|Oops|Call [Tt]race|Internal error" | $b grep -v "records of" | $b tail -40
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


def copy_sources(into: Path) -> None:
    """Copy kernel/ without what was built in it."""
    left = shutil.ignore_patterns("*.o", "*.ko", "*.mod*", ".*.cmd", "__pycache__")
    shutil.copytree(ROOT / "kernel", into, dirs_exist_ok=True, ignore=left)


def build(parts: Parts, into: Path, *, warnings: bool = False) -> str:
    """Build the module and those for tests from a copy of kernel/ in `into`; return what the compiler said."""
    copy_sources(into)
    checks = ["W=1", "C=1"] if warnings else []
    command = ["make", f"KDIR={parts.headers}", "MONJE_FAKE=m", *parts.make, *checks, "modules"]
    ran = subprocess.run(command, cwd=into, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


def boot(
    parts: Parts, modules: Path, work: Path, what: str = "", *, options: tuple[str, ...] = (), timeout_s: float = 300
) -> Told:
    """Boot a guest, run the checks `what` in it, and return what it said."""
    image = _initramfs(parts, modules, work, what)
    command = [*parts.qemu, "-accel", "tcg", "-m", "768", "-nographic", "-no-reboot", "-nodefaults", "-serial", "stdio"]
    command += ["-kernel", str(parts.image), "-initrd", str(image)]
    command += ["-fsdev", f"local,id=root,path={parts.root},security_model=none,readonly=on,multidevs=remap"]
    command += ["-device", "virtio-9p-pci,fsdev=root,mount_tag=root"]
    command += ["-append", f"console={parts.console} panic=-1 quiet loglevel=1 suspend.pm_test_delay=1", *options]
    try:
        ran = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=timeout_s, check=False)
        console = (ran.stdout + ran.stderr).decode(errors="replace")
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


def _initramfs(parts: Parts, modules: Path, work: Path, what: str) -> Path:
    """Pack what the guest needs until it sees its files: BusyBox, the modules for that, and ours."""
    tree = work / f"initramfs-{what or 'all'}"
    (tree / "bin").mkdir(parents=True)
    shutil.copy(parts.busybox, tree / "bin" / "busybox")
    for name in (*VIRTIO, *PLAN9, *PULSES):
        for found in parts.modules.rglob(f"{name}.ko"):
            shutil.copy(found, tree)
    for built in (modules / "monje_virtual.ko", *(modules / "tests").glob("*.ko")):
        shutil.copy(built, tree)
    script = INIT.format(
        modules=" ".join((*VIRTIO, *PLAN9, *PULSES)),
        path=parts.repository,
        python=parts.python,
        libraries=parts.libraries,
        what=what,
        done=DONE,
    )
    (tree / "init").write_text(script)
    (tree / "init").chmod(0o755)
    image = work / f"{what or 'all'}.cpio"
    names = "\n".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
    with image.open("wb") as out:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=tree, input=names.encode(), stdout=out, check=True)
    return image
