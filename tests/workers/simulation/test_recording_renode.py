"""Recordings on Renode, with the stand-in behind it: the same records, to the bit."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from jobs.assessing import Platform
from jobs.errors import SimulatorUnavailable
from jobs.target import Target
from renode.driver.core import RenodeCore
from tests.renode.driver.conftest import VERSION, stand_in
from tests.workers.simulation.conftest import Lab
from tests.workers.simulation.test_recording import body, recorded

RENODE = {"engine": "renode"}


@pytest.mark.parametrize("name", ["aes128_m4", "compare_leaky_m0"])
def test_a_recording_gives_the_same_digest_on_renode(
    lab: Lab, elfs: Mapping[str, Path], tmp_path: Path, name: str
) -> None:
    program = stand_in(tmp_path)
    by_id = {f"sha256:{sha256(path.read_bytes()).hexdigest()}": path for path in elfs.values()}

    def load(_tenant: str, firmware: str, target: Target, platform: Platform | None) -> RenodeCore:
        return RenodeCore(by_id[firmware], target, platform, program=program, version=VERSION, machines=2)

    with_renode = Lab(lab.services._replace(renode=load), lab.elfs)
    given = body(lab, name, samples=12, period_ns=5_000, cache={"sets": 4, "ways": 1, "line_bytes": 16})

    embedded, _ = recorded(lab, given)
    renode, _ = recorded(with_renode, given | {"simulator": RENODE})

    assert renode["engine"]["name"] == "renode"
    assert renode["l1d_misses"] == embedded["l1d_misses"] > 0
    assert renode["digest"] == embedded["digest"]


def test_where_there_is_no_renode_that_is_said(lab: Lab) -> None:
    with pytest.raises(SimulatorUnavailable):
        recorded(lab, body(lab, simulator=RENODE))
