"""Expressions that several dashboards are made of."""

RATE = "$__rate_interval"


def rate(counter: str, *, by: str = "", where: str = "") -> str:
    """Return events a second, summed over processes."""
    return f"sum{_by(by)} (rate({counter}{_where(where)}[{RATE}]))"


def quantile(share: float, histogram: str, *, by: str = "", where: str = "") -> str:
    """Return what this share of a histogram's values is below."""
    labels = ", ".join(label for label in ("le", by) if label)
    return f"histogram_quantile({share:g}, sum by ({labels}) (rate({histogram}_bucket{_where(where)}[{RATE}])))"


def farm(gauge: str, *, by: str = "", where: str = "") -> str:
    """Return a number of the whole farm, which every web server tells alike."""
    return f"max{_by(by)} ({gauge}{_where(where)})"


def _by(labels: str) -> str:
    return f" by ({labels})" if labels else ""


def _where(matchers: str) -> str:
    return f"{{{matchers}}}" if matchers else ""
