"""Firmware that means harm: walks end before they take the memory or the time of others."""

import re

import numpy as np
import pytest

from jobs.payloads import Core
from renode.lockstep.values import Unsupported
from renode.lockstep.walk import walk
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import Program
from tests.renode.targets import buffer_target


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("snapshots", "tables: more than 67108864 bytes"),
        ("ranges", "address: varying ones go over too many ranges"),
        ("constants", "address: varying ones go over too much memory"),
    ],
)
def test_walks_that_would_take_too_much_are_given_up(program: Program, entry: str, reason: str) -> None:
    core = UnicornCore(program("hostile.S", Core.M4), buffer_target(entry))
    rows = np.tile(np.arange(256, dtype=np.uint8)[:, np.newaxis], (1, 16))

    with pytest.raises(Unsupported, match=re.escape(reason)):
        walk(core.start(), core.path(rows[0]), rows, np.ones(16, np.bool_), decoded=core.decoded)
