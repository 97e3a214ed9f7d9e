"""What it costs to take records over, and what to make them: told as lines of JSON, for bench/kernel.py."""

import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial

from kernel.abi import RECORD
from kernel.reader import Reader
from tests.kernel.guest.ktap import until
from tests.kernel.guest.modules import DEVICE
from tests.kernel.guest.recording import recorder

ROUNDS = 5
SAMPLED_S = 5
SIZE = RECORD.itemsize


def _say(**row: object) -> None:
    sys.stdout.write(f"\nCOST {json.dumps(row)}\n")
    sys.stdout.flush()


def _filled(reader: Reader) -> None:
    """Let the ring fill up, and stop."""
    head = reader.status().head
    reader.start()
    until(lambda: reader.status().head > head + 4096, what="a full ring", within_s=60)
    reader.stop()


def _least(way: str, prepare: Callable[[], Callable[[], int]]) -> None:
    costs = []
    for _ in range(ROUNDS):
        take = prepare()
        began = time.perf_counter_ns()
        count = take()
        costs.append((time.perf_counter_ns() - began) / count)
    _say(way=way, ns_per_record=round(min(costs)), rounds=ROUNDS)


def _opened(reader: Reader, at_once: int) -> Callable[[], int]:
    file = os.open(DEVICE, os.O_RDONLY | os.O_NONBLOCK)
    _filled(reader)

    def take() -> int:
        count = 0
        while got := os.read(file, at_once * SIZE):
            count += len(got) // SIZE
        os.close(file)
        return count

    return take


def _mapped(reader: Reader, most: int | None) -> Callable[[], int]:
    mine = Reader()
    _filled(reader)

    def take() -> int:
        count = 0
        while len(batch := mine.take(most)):
            count += len(batch)
        mine.close()
        return count

    return take


def tell() -> None:
    """Measure the ways of reading, and the records that come at 50 us."""
    with recorder(records=4096) as reader:
        for at_once in (1, 64):
            _least(f"read({at_once}), bytes alone", partial(_opened, reader, at_once))
        for most in (64, None):
            _least(f"mapped, copied, checked, as numbers, {most or 'all'} at once", partial(_mapped, reader, most))
    with recorder(period_ns=50_000) as reader:
        reader.set_wakeup(512)
        reader.start()
        reader.take()
        began, head, missed = time.monotonic(), reader.status().head, reader.status().missed
        for _ in reader.batches(timeout_s=10):
            if time.monotonic() - began > SAMPLED_S:
                break
        took, status = time.monotonic() - began, reader.status()
        made = status.head - head
        _say(
            way="sampling at 50 us with one reader",
            records_per_s=round(made / took),
            missed_share=round((status.missed - missed) / (made + status.missed - missed), 4),
            lost=reader.lost,
        )
