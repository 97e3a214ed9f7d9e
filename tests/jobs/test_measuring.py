"""Requests about measured traces: what is wrong is told with its field."""

from typing import Any

import pytest
from pydantic import ValidationError

from jobs.measuring import ImportRequest

ARTIFACT = f"sha256:{'5e' * 32}"


@pytest.mark.parametrize(
    ("given", "field", "complaint"),
    [
        ({"samples": [5, 5]}, ("samples",), "with from below to"),
        ({"samples": [-1, 5]}, ("samples",), "with from below to"),
        ({"values": {"traces": "x", "pc": "y"}}, ("values",), "cannot be called pc or traces"),
        ({"cpa": {"window": [9, 9]}}, ("cpa", "window"), "with from below to"),
        ({"clock": {"samples_per_cycle": 1}}, (), "are given together"),
    ],
)
def test_what_cannot_be_imported_is_told_with_its_field(
    given: dict[str, Any], field: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        ImportRequest.model_validate({"artifact": ARTIFACT, **given})

    (error,) = refused.value.errors()
    assert error["loc"] == field
    assert complaint in error["msg"]
