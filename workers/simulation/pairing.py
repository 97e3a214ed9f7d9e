"""Which samples of a trace are tested in pairs, and whether there are any."""

from jobs.errors import InvalidInput
from jobs.payloads import CampaignRequest


def paired_samples(request: CampaignRequest, samples: int) -> slice:
    """Return which of the samples of a trace are tested in pairs; an empty slice for none."""
    if request.bivariate is None:
        return slice(0, 0)
    first, last = request.bivariate.window
    return slice(min(first, samples), min(last, samples))


def check_windows(request: CampaignRequest, samples: int) -> None:
    """Raise InvalidInput where a trace ends before the attack's window, or has not two samples in that of the pairs."""
    paired = paired_samples(request, samples)
    if request.bivariate is not None and paired.stop - paired.start < 2:
        raise InvalidInput(
            f"a trace has {samples} samples, fewer than two of them in the window",
            field="bivariate.window",
            reason="out-of-range",
        )
    attacked = None if request.cpa is None else request.cpa.window
    if isinstance(attacked, tuple) and attacked[0] >= samples:
        raise InvalidInput(
            f"a trace has {samples} samples, none of them in the window", field="cpa.window", reason="out-of-range"
        )
