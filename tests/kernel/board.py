"""A board that joins a farm: a guest with the recorder loaded, and a worker of the pool `capture` on it, without root.

Over its network, QEMU's own, it reaches what listens on this machine's loopback. The farm's data folder is a share that it may
write, as a file server would give it to a board; of this machine's other files it may change none.
"""

import os
import shlex
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy import procfile
from tests.kernel.debian import Parts
from tests.kernel.machine import PLAN9, VIRTIO
from tests.servers import eventually

NETWORK = ("failover", "net_failover", "virtio_net")
HOST = "10.0.2.2"
"""This machine, as a guest names it."""
DATA = "/run/data"
SHARED = ("artifacts", "campaigns", "incoming")
"""Folders of the data folder that a worker writes into."""
NOBODY, MONJE = 65_534, 990
BUS = 42
PATIENCE_S = 60.0
INIT = """#!/bin/busybox sh
b=/bin/busybox
$b --install -s /bin
$b mkdir -p /proc /sys /dev /host
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for m in {modules}; do [ ! -e /$m.ko ] || $b insmod /$m.ko || echo "no $m"; done
$b hostname {name}
$b ip link set lo up
$b ip addr add 10.0.2.15/24 dev eth0
$b ip link set eth0 up
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,ro,cache=loose root /host || echo "no files"
for d in proc sys dev; do $b mount -o bind /$d /host/$d; done
$b mkdir /host/dev/shm
$b mount -t tmpfs -o mode=1777 shm /host/dev/shm
$b mount -t tmpfs -o mode=1777 run /host/run
$b mkdir /host{data}
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 data /host{data} || echo "no data folder"
$b insmod /monje_fake_ina219.ko bus_number={bus}
$b insmod /monje_fake_pps.ko
$b insmod /monje_virtual.ko i2c_bus={bus}
# What udev does where there is one (kernel/60-monje.rules).
$b chown 0:{group} /dev/monje_virtual
$b chmod 660 /dev/monje_virtual
$b env -i {environment} $b chroot /host {worker} </dev/null &
$b stty -F /dev/ttyS1 -echo
exec </dev/ttyS1 >/dev/ttyS1 2>&1
echo ready
while read -r line; do $b sh -c "$line"; echo "ended $?"; done
$b poweroff -f
"""


class Board:
    """A machine with a recorder and a worker, which can be told to do things, and killed."""

    def __init__(
        self, parts: Parts, modules: Path, folder: Path, data: Path, settings: Mapping[str, str], *, name: str
    ) -> None:
        """Make what it boots from in `folder`; `data` is the farm's data folder, `settings` are those of its worker."""
        self.name = name
        self.console = folder / "console"
        self._folder = folder
        # Where root tests, the worker is another user all the same; its files are this machine's user's otherwise.
        self.user = os.getuid() or NOBODY
        for shared in (data, *(data / one for one in SHARED)):
            shared.mkdir(exist_ok=True)
            os.chown(shared, self.user, -1)
        self._command = [*parts.qemu, "-accel", "tcg", "-m", "768", "-smp", "2", "-display", "none", "-no-reboot"]
        self._command += ["-nodefaults", "-monitor", "none", "-kernel", str(parts.image)]
        self._command += ["-initrd", str(self._initramfs(parts, modules, settings))]
        self._command += ["-append", "console=ttyS0 panic=-1 quiet loglevel=4 mitigations=off no5lvl"]
        self._command += ["-serial", f"file:{self.console.name}", "-serial", "unix:shell,server=on,wait=off"]
        for tag, path, more in (("root", parts.root, ",readonly=on"), ("data", data, "")):
            self._command += ["-fsdev", f"local,id={tag},path={path},security_model=none,multidevs=remap{more}"]
            self._command += ["-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"]
        self._command += ["-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="]
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False

    def start(self, *options: str) -> None:
        """Switch it on, without waiting; `options` are QEMU's."""
        self._process = subprocess.Popen([*self._command, *options], cwd=self._folder, stdin=subprocess.DEVNULL)
        self._shell = socket.socket(socket.AF_UNIX)
        self._shell.settimeout(PATIENCE_S)
        # Relative, as names of sockets are short.
        place = Path(os.path.relpath(self._folder / "shell"))
        eventually(lambda: self._connects(place), within_s=PATIENCE_S, what="QEMU listens")
        self._lines = self._shell.makefile("r", newline="\n")

    def wait(self) -> None:
        """Wait until its modules are loaded and its worker was started."""
        while not self._ready:
            self._ready = self._line() == "ready"

    def tell(self, command: str) -> str:
        """Have its shell run a command as root; return what that said."""
        self._shell.sendall(f"{command}\n".encode())
        said: list[str] = []
        while not (line := self._line()).startswith("ended "):
            said.append(line)
        assert line == "ended 0", (command, said)
        return "\n".join(said)

    def sense(self, *, bus_mv: int, shunt_uv: int) -> None:
        """Have the sensor measure this from now on."""
        for name, value in {"bus_mv": bus_mv, "shunt_uv": shunt_uv}.items():
            self.tell(f"echo {value} > /sys/module/monje_fake_ina219/parameters/{name}")

    @property
    def runs(self) -> bool:
        """Say whether it is on."""
        return self._process is not None and self._process.poll() is None

    def freeze(self) -> None:
        """Let it do nothing, as one that sleeps; `thaw` wakes it."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on, at the time that it is by now."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """Take its power away."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._lines.close()
            self._shell.close()
            self._process = None

    def said(self) -> str:
        """Return the end of its console, where its worker's log is, too."""
        return f"{self.name}: {self.console.read_text(errors='replace')[-4000:]}"

    def _signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _connects(self, place: Path) -> bool:
        assert self.runs, self.said()
        try:
            self._shell.connect(str(place))
        except OSError:
            return False
        return True

    def _line(self) -> str:
        try:
            return self._lines.readline().strip()
        except TimeoutError as error:
            raise AssertionError(f"{self.name} says nothing: {self.said()}") from error

    def _initramfs(self, parts: Parts, modules: Path, settings: Mapping[str, str]) -> Path:
        """Pack what it needs until it sees its files, and the modules."""
        tree = self._folder / "initramfs"
        (tree / "bin").mkdir(parents=True)
        shutil.copy(parts.busybox, tree / "bin" / "busybox")
        for name in (*VIRTIO, *NETWORK, *PLAN9):
            for found in parts.modules.rglob(f"{name}.ko"):
                shutil.copy(found, tree)
        for built in (modules / "monje_virtual.ko", *(modules / "tests").glob("*.ko")):
            shutil.copy(built, tree)
        (tree / "init").write_text(self._script(settings))
        (tree / "init").chmod(0o755)
        image = self._folder / "board.cpio"
        names = "\n".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
        with image.open("wb") as out:
            subprocess.run(
                ["cpio", "-o", "-H", "newc", "--quiet"], cwd=tree, input=names.encode(), stdout=out, check=True
            )
        return image

    def _script(self, settings: Mapping[str, str]) -> str:
        environment = procfile.environment(
            {"PATH": "/usr/bin:/bin", "HOME": "/run", "TMPDIR": "/run", "WORKER": self.name}
            | {"PYTHONDONTWRITEBYTECODE": "1", "DASEIN_DATA_DIR": DATA, **settings}
        )
        # Whoever tests may have Python where nobody else may look: the worker may, and change nothing.
        looks = [f"--{kind}-caps=+dac_read_search" for kind in ("inh", "ambient")]
        becomes = [f"--reuid={self.user}", f"--regid={self.user}", f"--groups={MONJE}", "--no-new-privs", *looks]
        worker = ["/usr/bin/setpriv", *becomes, *procfile.arguments(procfile.commands()["capture"])]
        return INIT.format(
            modules=" ".join((*VIRTIO, *NETWORK, *PLAN9)),
            name=self.name,
            data=DATA,
            bus=BUS,
            group=MONJE,
            environment=" ".join(shlex.quote(f"{name}={value}") for name, value in environment.items()),
            worker=shlex.join(worker),
        )
