"""What is wrong with settings, in words for whoever set them."""

from collections.abc import Iterator

from pydantic import ValidationError


def refused(error: ValidationError) -> Iterator[str]:
    """Yield what is wrong with which setting; what was given may be secret."""
    for each in error.errors(include_input=False, include_url=False):
        name = "__".join(str(part) for part in each["loc"]).upper()
        yield f"DASEIN_{name}: {each['msg'].removeprefix('Value error, ')}"
