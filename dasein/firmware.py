"""What firmware offers, what measuring it will cost, and whether simulators agree on it, as Python sees it: `Client.firmware`."""

import os
from collections.abc import Mapping
from typing import Any

from dasein.answers import result_of
from dasein.knowledge import Farm

URGENT = 8
"""Somebody waits, and a worker is soon done."""


class Firmware:
    """Looks at firmware before it is measured. Documents are the farm's own."""

    def __init__(self, farm: Farm) -> None:
        """Have `farm` look."""
        self._farm = farm

    def inspect(
        self, firmware: str | os.PathLike[str], *, contains: str | None = None, timeout_s: float | None = None
    ) -> dict[str, Any]:
        """Return the cores, functions, objects and lines of an ELF (a file, or an artifact id).

        `contains` leaves only names that hold it, whatever the case. Raise JobFailed, WaitTimeout.
        """
        wanted = {"firmware": self.artifact(firmware)} | ({} if contains is None else {"contains": contains})
        return self._result("inspect", wanted, timeout_s)

    def estimate(
        self, firmware: str | os.PathLike[str], description: Mapping[str, Any], *, timeout_s: float | None = None
    ) -> dict[str, Any]:
        """Return how long a campaign will take and how much it will store, as one worker measured by trying it.

        Raise JobFailed, which also says why the campaign would fail, or WaitTimeout.
        """
        return self._result("estimate", {**description, "firmware": self.artifact(firmware)}, timeout_s)

    def crosscheck(
        self,
        firmware: str | os.PathLike[str],
        description: Mapping[str, Any],
        *,
        executions: int | None = None,
        platform: str | None = None,
        timeout_s: float | None = None,
    ) -> dict[str, Any]:
        """Return where the embedded simulator and Renode differ in the first executions of a campaign.

        `description` is that of the campaign, of which the target, the plan, the seed and Renode's platform count. Raise
        ApiError with the code `simulator-unavailable` where workers have no Renode, JobFailed or WaitTimeout.
        """
        simulator = description.get("simulator") or {}
        wanted = {name: description[name] for name in ("target", "plan", "seed") if name in description}
        chosen = {"executions": executions, "platform": platform or simulator.get("platform")}
        wanted |= {name: value for name, value in chosen.items() if value is not None}
        return self._result("simulation.crosscheck", {**wanted, "firmware": self.artifact(firmware)}, timeout_s)

    def artifact(self, firmware: str | os.PathLike[str]) -> str:
        """Return an artifact id: the one that is given, or that of a file, which is uploaded."""
        known = isinstance(firmware, str) and firmware.startswith("sha256:")
        return str(firmware) if known else self._farm.upload(firmware)

    def _result(self, kind: str, params: Mapping[str, Any], timeout_s: float | None) -> dict[str, Any]:
        job = self._farm.submit(kind, params, priority=URGENT)
        return result_of(self._farm.wait(job.id, timeout_s=timeout_s))
