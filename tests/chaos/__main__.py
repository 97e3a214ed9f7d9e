"""Ten minutes of chaos: `python -m tests.chaos --seconds 600 --seed 1` (or `make chaos SECONDS=600`).

A whole farm under load, to which everything happens that its documents promise to survive; then the audit. The report goes to
`--out` as `chaos.md` and `chaos.json`; the exit status is 1 if a promise was broken. The logs of a run that broke one stay.
"""

import argparse
import shutil
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp

from bench.rows import end_in_order
from dasein import Client
from tests.chaos.acts import Fault, plan
from tests.chaos.audit import faults
from tests.chaos.books import Reader
from tests.chaos.disk import Disk
from tests.chaos.farm import POOLS, Farm
from tests.chaos.injury import Injuries
from tests.chaos.journal import Journal
from tests.chaos.load import CLIENTS, Load, subjects
from tests.chaos.proxy import Network
from tests.chaos.report import Report, logged, outcome

DISK_MB = 640
REST_S = 240.0


def main() -> int:
    """Run, and return 0 if every promise was kept."""
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=float, default=3, help="seconds from one fault to the next")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--faults", default=",".join(Fault), help="which of them")
    parser.add_argument("--small", action="store_true", help="campaigns alone, on a disk that is not filled")
    parser.add_argument("--keep", action="store_true", help="leave logs and notes also of a run that broke no promise")
    parser.add_argument("--out", type=Path, default=Path("build/chaos"))
    told = parser.parse_args()
    folder = Path(mkdtemp(prefix="dasein-chaos-"))
    report = run(told, folder)
    told.out.mkdir(parents=True, exist_ok=True)
    (told.out / "chaos.json").write_text(report.as_json())
    (told.out / "chaos.md").write_text(report.as_markdown())
    sys.stdout.write(report.as_markdown())
    if report.faults or told.keep:
        sys.stdout.write(f"\nThe logs are in {folder}\n")
    else:
        shutil.rmtree(folder)
    return 1 if report.faults else 0


def run(told: argparse.Namespace, folder: Path) -> Report:
    """Start a farm, load it, harm it, let it recover, and look what became of everything."""
    with ExitStack() as stack:
        disk = Disk(folder / "data", megabytes=0 if told.small else DISK_MB)
        stack.callback(disk.close)
        network = stack.enter_context(Network())
        pools = ("simulation",) if told.small else POOLS
        farm = Farm(folder, disk, network, pools=pools, ingest_campaigns=not told.small)
        stack.callback(farm.close)
        farm.start()
        _say("The farm is up; campaigns run undisturbed.")
        with Client(farm.url) as client:
            known = subjects(client)
        journal = Journal()
        load = Load(farm.url, journal, known, seed=told.seed, clients=told.clients, knowledge=not told.small)
        load.start()
        stack.callback(load.stop)
        injuries = Injuries(farm, seed=told.seed)
        wanted = [Fault(name) for name in told.faults.split(",")]
        acts = plan(told.seed, seconds=told.seconds, every_s=told.every, targets=farm.targets(), faults=wanted)
        _say(f"{len(acts)} faults in {told.seconds:g} s.")
        began = time.monotonic()
        injuries.inflict(acts)
        time.sleep(max(0, began + told.seconds - time.monotonic()))
        injuries.heal()
        load.stop()
        healed = time.monotonic()
        farm.ready()
        load.settle(within_s=60)
        _say("The clients have gone; the farm comes to rest.")
        reader = Reader(farm)
        stack.callback(reader.close)
        reader.at_rest(within_s=REST_S)
        rest_s = time.monotonic() - healed
        books = reader.books()
        broken = faults(books, journal, known.digests)
        _say(f"{len(broken)} promises are broken, by the books; now for the graph.")
        if not told.small:
            kept = reader.graph()
            reader.rebuild()
            if reader.graph() != kept:
                broken.append("the graph is not the one that the documents make")
        return Report(
            seed=told.seed,
            seconds=told.seconds,
            faults=broken,
            acts=acts,
            starts=dict(farm.starts),
            rest_s=rest_s,
            logged=logged([path for _, path in farm.logs()]),
            without=_without(farm),
            **outcome(books, journal),
        )


def _without(farm: Farm) -> list[str]:
    """Say which faults could not be had here."""
    reasons = [] if farm.clocks else ["clocks: no compiler (ziglang)"]
    return reasons if farm.disk.is_small else [*reasons, "a full disk: no file system may be mounted here"]


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
