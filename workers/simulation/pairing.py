"""Which samples of a trace are tested in pairs."""

from jobs.errors import InvalidInput
from jobs.payloads import CampaignRequest


def paired_samples(request: CampaignRequest, samples: int) -> slice:
    """Return which of the samples of a trace are tested in pairs; an empty slice for none."""
    if request.bivariate is None:
        return slice(0, 0)
    first, last = request.bivariate.window
    return slice(min(first, samples), min(last, samples))


def check_window(request: CampaignRequest, samples: int) -> None:
    """Raise InvalidInput where a trace has not two samples in the window."""
    paired = paired_samples(request, samples)
    if request.bivariate is not None and paired.stop - paired.start < 2:
        raise InvalidInput(
            f"a trace has {samples} samples, fewer than two of them in the window",
            field="bivariate.window",
            reason="out-of-range",
        )
