"""Names of the series that the recording rules make of objectives; each has the label `slo`."""

OBJECTIVE = "dasein:slo_objective:ratio"
TOTAL, BAD = "dasein:slo_total:rate5m", "dasein:slo_bad:rate5m"
"""Events a second."""
BAD_RATIO = "dasein:slo_bad:ratio_rate{window}"
"""The share of bad events over a window."""
WHOLE_RATIO, WHOLE_TOTAL, WHOLE_S = "dasein:slo_bad:ratio", "dasein:slo_total:count", "dasein:slo_window:seconds"
"""Over the whole window of the objectives: the share of bad events, all events, and the time that was seen of it."""
BUDGET_LEFT = "dasein:slo_budget_left:ratio"
HOUR = BAD_RATIO.format(window="1h")
