"""Asking somebody else when the one who knows best does not answer."""

from dataclasses import replace

import structlog

from jobs.errors import StoreUnavailable
from web.slo.measured import Source, Standing
from web.slo.objectives import Objectives

DEGRADED = "The Prometheus of DASEIN_PROMETHEUS_URL could not be asked: these are the farm's own counters."

log = structlog.get_logger(__name__)


class OrElse:
    """A source, and another one for when it cannot be asked: the answer then says so."""

    def __init__(self, best: Source, other: Source) -> None:
        """Ask `best`, else `other`."""
        self._best = best
        self._other = other

    def stand(self, objectives: Objectives) -> Standing:
        """Return what one of them says."""
        try:
            return self._best.stand(objectives)
        except StoreUnavailable as error:
            log.warning("prometheus_not_asked", error=error.message)
            return replace(self._other.stand(objectives), degraded=DEGRADED)
