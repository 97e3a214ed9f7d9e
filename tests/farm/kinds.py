"""Kinds of jobs that only tests have."""

from jobs.queue import SIMULATION, Kind

POISON = Kind("poison", "test.poison", SIMULATION)
FLAKY = Kind("flaky", "test.flaky", SIMULATION)
STUBBORN = Kind("stubborn", "test.stubborn", SIMULATION)
SUM = Kind("sum", "test.sum", SIMULATION)
PART = Kind("part", "test.part", SIMULATION, public=False)
TEST_KINDS = {kind.name: kind for kind in (POISON, FLAKY, STUBBORN, SUM, PART)}
