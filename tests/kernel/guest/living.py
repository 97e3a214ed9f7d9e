"""Checks of coming and going: the module, its bus, its CPU, the machine's sleep."""

import contextlib
import errno
import itertools
import os
import re
import select
import threading
from pathlib import Path

from kernel.abi import Flag, State
from kernel.reader import Reader
from tests.kernel.guest.ktap import refused, until
from tests.kernel.guest.modules import BUS, DEVICE, attribute, is_loaded, load, unload
from tests.kernel.guest.recording import recorder, sensor, some

STEPS = 9
CYCLES = 200
DRIVER = Path("/sys/bus/platform/drivers/monje_fake_ina219")
CACHES = ("kmalloc-", "task_struct", "dentry", "inode_cache", "kernfs_node_cache")


def every_step_of_loading_unwinds() -> None:
    load("monje_fake_ina219")
    for step in range(1, STEPS + 1):
        with refused(errno.EIO):
            load("monje_virtual", i2c_bus=BUS, fail_at=step)
        assert not is_loaded("monje_virtual")
        assert not DEVICE.exists()
        # Nothing holds on to the sensor, the counters or the name: it can be loaded at once.
        load("monje_virtual", i2c_bus=BUS)
        unload("monje_virtual")
    load("monje_virtual", i2c_bus=BUS, fail_at=STEPS + 1)
    unload("monje_virtual")
    unload("monje_fake_ina219")


def parameters_are_checked() -> None:
    wrong = [
        {"records": 63},
        {"records": 100},
        {"records": 131072},
        {"period_ns": 49_999},
        {"period_ns": 1_000_000_001},
        {"cpu": 9999},
        {"cpu": -1},
        {"i2c_bus": -2},
        {"i2c_address": 0x3F},
        {"i2c_address": 0x50},
        {"shunt_uohm": 999},
        {"max_age_us": 0},
    ]
    for parameters in wrong:
        with refused(errno.EINVAL):
            load("monje_virtual", **parameters)
    with refused(errno.ENODEV):
        load("monje_virtual", i2c_bus=99)


def a_bus_without_a_sensor_is_no_reason_to_fail() -> None:
    load("monje_fake_ina219", failure="nak")
    with recorder(i2c_bus=BUS, period_ns=1_000_000) as reader:
        reader.start()
        assert len(some(reader, 10)) >= 10
    unload("monje_fake_ina219")


def slabs() -> dict[str, int]:
    """Return the active objects of the caches that a load touches, without those that CPUs keep to give out again."""
    caches = [cache for cache in Path("/sys/kernel/slab").iterdir() if cache.name.startswith(CACHES)]
    for cache in caches:
        (cache / "shrink").write_text("1")
    return {cache.name: int((cache / "objects").read_text().split()[0]) for cache in caches}


def two_hundred_cycles_leave_nothing_behind() -> None:
    load("monje_fake_ina219")

    def cycle() -> None:
        load("monje_virtual", i2c_bus=BUS)
        with Reader(control=True) as reader:
            reader.start()
            reader.stop()
        unload("monje_virtual")

    for _ in range(20):
        cycle()
    seen = [slabs()]
    for _ in range(2):
        for _ in range(CYCLES // 2):
            cycle()
        seen.append(slabs())
    unload("monje_fake_ina219")
    assert any(name.startswith("kmalloc-") and count > CYCLES for name, count in seen[-1].items())
    # Caches grow and shrink with what else the kernel does; a leak of one object in two cycles grows through both halves.
    halves = [{name: after[name] - before[name] for name in before} for before, after in itertools.pairwise(seen)]
    grown = {name: [half[name] for half in halves] for name in seen[0] if min(h[name] for h in halves) >= CYCLES // 4}
    assert not grown, grown


def it_stays_while_a_file_is_open() -> None:
    load("monje_virtual")
    with Reader(control=True) as reader:
        reader.start()
        with refused(errno.EWOULDBLOCK):
            unload("monje_virtual")
    assert attribute("state") == "running"
    # Nobody reads any more, and it still samples: it goes while it does.
    unload("monje_virtual")
    assert not DEVICE.exists()


def the_bus_may_go_while_it_is_read() -> None:
    with sensor(period_ns=1_000_000) as reader:
        reader.start()
        until(lambda: int(attribute("sensor_reads")) > 2, what="a conversion")
        (DRIVER / "unbind").write_text("monje_fake_ina219")
        reads = int(attribute("sensor_reads"))
        some(reader, 50)
        assert int(attribute("sensor_reads")) == reads
        (DRIVER / "bind").write_text("monje_fake_ina219")
        some(reader, 50)


def it_goes_under_load() -> None:
    for _ in range(5):
        load("monje_fake_ina219")
        load("monje_virtual", i2c_bus=BUS)
        stop = threading.Event()
        with Reader(control=True) as control:
            control.start()
        threads = [threading.Thread(target=_read_until, args=(stop,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        until(lambda: int(attribute("head")) > 500, what="records")
        with refused(errno.EWOULDBLOCK):
            unload("monje_virtual")
        stop.set()
        for thread in threads:
            thread.join()
        unload("monje_virtual")
        unload("monje_fake_ina219")


def _read_until(stop: threading.Event) -> None:
    with Reader() as reader:
        poll = select.poll()
        poll.register(reader.fileno(), select.POLLIN)
        while not stop.is_set():
            poll.poll(10)
            reader.take()


def it_moves_when_its_cpu_goes_offline() -> None:
    assert len(os.sched_getaffinity(0)) > 1, "the machine needs two CPUs"
    online = Path("/sys/devices/system/cpu/cpu1/online")
    with recorder(cpu=1, period_ns=1_000_000) as reader:
        reader.start()
        assert set(some(reader, 20).cpu) == {1}
        online.write_text("0")
        until(lambda: attribute("sampled_cpu") == "0", what="another CPU")
        batch = some(reader, 50)
        assert batch.cpu[-1] == 0
        assert reader.status().state is State.RUNNING
        online.write_text("1")
        some(reader, 20)
        reader.stop()
        online.write_text("0")
        online.write_text("1")
    with refused(errno.EINVAL):
        online.write_text("0")
        try:
            load("monje_virtual", cpu=1)
        finally:
            online.write_text("1")


def it_sleeps_with_the_machine_and_wakes_with_it() -> None:
    Path("/sys/power/pm_test").write_text("freezer")
    with recorder(period_ns=1_000_000) as reader:
        reader.start()
        some(reader, 20)
        starts = int(attribute("starts"))
        Path("/sys/power/state").write_text("freeze")
        assert attribute("state") == "running"
        assert int(attribute("starts")) == starts + 1
        batch = some(reader, 20)
        assert not (batch.flags[1:] & Flag.FIRST).any()
        reader.stop()
        Path("/sys/power/state").write_text("freeze")
        assert attribute("state") == "stopped"
    Path("/sys/power/pm_test").write_text("none")


def the_kernel_did_not_complain() -> None:
    log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    lines = []
    with contextlib.suppress(BlockingIOError):
        while True:
            lines.append(os.read(log, 8192).decode(errors="replace"))
    os.close(log)
    assert any("monje_virtual" in line for line in lines)
    bad = [line for line in lines if re.search(r"BUG|WARNING:|Oops|Call [Tt]race|refcount", line)]
    assert not bad, bad[:5]


CHECKS = [
    every_step_of_loading_unwinds,
    parameters_are_checked,
    a_bus_without_a_sensor_is_no_reason_to_fail,
    it_stays_while_a_file_is_open,
    the_bus_may_go_while_it_is_read,
    it_goes_under_load,
    it_moves_when_its_cpu_goes_offline,
    it_sleeps_with_the_machine_and_wakes_with_it,
    two_hundred_cycles_leave_nothing_behind,
]
