"""Checks under QEMU's instruction counter, where virtual time passes by instructions and nothing is left to chance."""

import numpy as np

from kernel.abi import Channel
from tests.kernel.guest.recording import channel, recorder, some

PERIOD_NS = 50_000


def every_period_has_its_record() -> None:
    with recorder(period_ns=PERIOD_NS, records=4096) as reader:
        reader.start()
        batch = some(reader, 20_000)
        reader.stop()
        status = reader.status()

    assert (status.missed, reader.lost, status.dropped) == (0, 0, 0)
    assert np.array_equal(batch.number, np.arange(len(batch), dtype=np.uint64) + batch.number[0])
    assert set(np.diff(batch.timestamp_ns.astype(np.int64))) == {PERIOD_NS}
    assert (batch.flags[1:] == 0).all()
    assert channel(batch, Channel.LATENCY).max() < PERIOD_NS / 1000


CHECKS = [every_period_has_its_record]
