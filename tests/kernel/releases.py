"""Kernels of Debian's other releases, and the compilers and tools that each release builds modules with.

Each release is unpacked into a root of its own in build/kernel/releases, once, and modules are built in there by chroot: the
headers' own programs need their release's C library, their configuration its compiler. Nothing of this machine changes.
"""

import lzma
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from tests.kernel import debian
from tests.kernel.machine import PLAN9, PULSES, VIRTIO, copy_sources

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
RELEASES = {
    "bullseye": ("bullseye",),
    "bookworm-backports": ("bookworm", "bookworm-backports"),
    "trixie": ("trixie",),
    "trixie-backports": ("trixie", "trixie-backports"),
    "sid": ("sid",),
}
"""The suites of each release. Bookworm's own kernel is not among them: that is what test_guest.py boots."""
ARCHITECTURES = {"amd64": (), "arm64": ("ARCH=arm64", "CROSS_COMPILE=aarch64-linux-gnu-")}
"""What make is told besides."""
# As the first user of a namespace of its own: whoever runs it need not be root.
INSIDE = ("unshare", "--map-root-user", "--mount", "sh", "-c")
ENTER = 'mount --bind /dev/null "$0/dev/null" && mount --rbind /proc "$0/proc" && exec chroot "$0" "$@"'
UNQUALIFIED = "static inline int f(const int *p) { __typeof_unqual__(*p) v = *p; return v; }\n"
"""What headers are written in since kernels ask for a compiler that knows it."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """A release's kernel of one architecture."""

    abi: str
    """As `uname -r` says it there."""
    architecture: str
    root: Path
    """The files of its release."""

    def is_read_by_sparse(self) -> bool:
        """Return whether the release's sparse knows what its kernel's headers are written in.

        Newer kernels ask that themselves, by a script that Debian's headers come without, so there `C=1` never checks.
        """
        makefile = self.root / "usr" / "src" / f"linux-headers-{self.abi.rpartition('-')[0]}-common" / "Makefile"
        return "checker-valid.sh" not in makefile.read_text() or not self._run(["sparse", "-"], UNQUALIFIED).stdout

    def build(self) -> tuple[Path, str]:
        """Build both modules with all warnings; return their folder and what the compiler said."""
        folder = self.root / "srv" / self.architecture
        shutil.rmtree(folder, ignore_errors=True)
        copy_sources(folder)
        command = ["make", "-C", f"/srv/{self.architecture}", f"KDIR=/usr/src/linux-headers-{self.abi}", "MONJE_FAKE=m"]
        command += ["W=1", f"KBUILD_CHECKSRC={int(self.is_read_by_sparse())}"]
        ran = self._run([*command, *ARCHITECTURES[self.architecture], "modules"])
        assert ran.returncode == 0, ran.stdout
        return folder, ran.stdout

    def _run(self, command: list[str], said: str = "") -> subprocess.CompletedProcess[str]:
        inside = [*INSIDE, ENTER, str(self.root), *command]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
        return subprocess.run(
            inside,
            input=said,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def parts(self) -> debian.Parts:
        """Return a guest of this kernel, with the user land that guests of its architecture have; raise Absent."""
        guest = debian.amd64() if self.architecture == "amd64" else debian.arm64()
        folder = self.root / "guest" / self.architecture
        return replace(guest, abi=self.abi, image=folder / "vmlinuz", modules=folder)


def kernel(release: str, architecture: str) -> Kernel:
    """Return the kernel of a release, downloaded if it is not here yet; raise Absent."""
    root = _root(release)
    headers = next((root / "usr" / "src").glob(f"linux-headers-*-{architecture}"))
    return Kernel(headers.name.removeprefix("linux-headers-"), architecture, root)


@cache
def _root(release: str) -> Path:
    debian.need("unshare", "chroot", "apt-get", "dpkg-deb", "tar")
    debian.run([*INSIDE, "mount --bind /dev/null /dev/null"], debian.ROOT, os.environ)  # which machines may forbid
    folder = debian.BUILD / "releases" / release
    root = folder / "root"
    with debian.once(folder) as made:
        if not made:
            _fill(folder, root, RELEASES[release])
    return root


def _fill(folder: Path, root: Path, suites: tuple[str, ...]) -> None:
    apt = _apt(folder, suites)
    headers = debian.run(["apt-cache", "depends", "linux-headers-amd64"], folder, apt)
    abi = re.findall(r"Depends: linux-headers-(\S+)-amd64", headers)[0]
    needed = debian.run(["apt-cache", "depends", f"linux-headers-{abi}-amd64"], folder, apt)
    compiler = re.findall(r"gcc-\d+", needed)[0]
    essential = "?and(?essential, ?architecture(amd64))"
    wanted = [essential, f"linux-headers-{abi}-amd64", f"{compiler}-aarch64-linux-gnu", "make", "sparse"]
    debian.run([*debian.FETCH, *wanted], folder, apt)
    _lay_out(root)
    _unpack((folder / "apt" / "cache" / "archives").glob("*.deb"), root)
    debian.download(folder / "headers", [f"linux-headers-{abi}-arm64:arm64"], apt)
    _unpack((folder / "headers").glob("*.deb"), root)
    known = debian.run(["apt-cache", "pkgnames", "linux-"], folder, apt).split()
    for architecture in ARCHITECTURES:
        # Newer kernels are three packages, of which linux-image holds nothing.
        names = [f"linux-{part}-{abi}-{architecture}" for part in ("image", "binary", "modules")]
        images = folder / f"images-{architecture}"
        debian.download(images, [f"{name}:{architecture}" for name in names if name in known], apt)
        _take_kernel(images.glob("*.deb"), root / "guest" / architecture)


def _apt(folder: Path, suites: tuple[str, ...]) -> dict[str, str]:
    """Make an apt of a release, which prefers the last of its suites."""
    folder.mkdir(parents=True)
    sources, mirror = folder / "sources.list", _mirror()
    sources.write_text("".join(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n" for suite in suites))
    settings = [f'Dir::Etc::SourceList "{sources}";', f'APT::Default-Release "{suites[-1]}";']
    settings += [f'Dir::Etc::{part} "/dev/null";' for part in ("SourceParts", "Preferences", "PreferencesParts")]
    return debian.private_apt(folder / "apt", tuple(ARCHITECTURES), settings)


def _mirror() -> str:
    """Return where this machine has Debian's packages from: other releases are beside its own. Raise Absent without one."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian"]
    known = debian.run(command, Path("/"), os.environ).split()
    if not known:
        raise debian.Absent("apt has no source of Debian's own packages")
    return known[0]


def _lay_out(root: Path) -> None:
    """Make what packages expect, or would make when they are installed."""
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    for name in ("dev", "proc", "tmp"):
        (root / name).mkdir()
    (root / "dev" / "null").touch()
    (root / "bin" / "sh").symlink_to("dash")
    (root / "bin" / "awk").symlink_to("mawk")


def _unpack(packages: Iterable[Path], root: Path) -> None:
    # dpkg -x would put folders where links to folders are; a kernel's modules are not needed to build others.
    into = ["tar", "-x", "-C", str(root), "--keep-directory-symlink", "--exclude=*/modules/*/kernel"]
    for package in sorted(packages):
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as packed:
            ran = subprocess.run(into, stdin=packed.stdout, capture_output=True, text=True, check=False)
        if packed.returncode or ran.returncode:
            raise debian.Absent(f"{package.name} cannot be unpacked: {ran.stderr.strip()[-500:]}")
        package.unlink()


def _take_kernel(packages: Iterable[Path], into: Path) -> None:
    """Take the kernel, the modules through which a guest sees its files, and that of pulses."""
    into.mkdir(parents=True)
    modules = {f"{name}.ko" for name in (*VIRTIO, *PLAN9, *PULSES)}
    for package in packages:
        command = ["dpkg-deb", "--fsys-tarfile", str(package)]
        with (
            subprocess.Popen(command, stdout=subprocess.PIPE) as packed,
            tarfile.open(fileobj=packed.stdout, mode="r|") as files,
        ):
            for file in files:
                name = Path(file.name).name
                content = files.extractfile(file) if file.isfile() else None
                if content and name.startswith("vmlinuz"):
                    (into / "vmlinuz").write_bytes(content.read())
                elif content and name.removesuffix(".xz") in modules:
                    inflate = lzma.decompress if name.endswith(".xz") else bytes
                    (into / name.removesuffix(".xz")).write_bytes(inflate(content.read()))
        package.unlink()
