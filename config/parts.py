"""Settings that are lists: parts between commas."""


def parts_of(text: str) -> tuple[str, ...]:
    """Return the parts of a list, without the blanks around them; empty ones are none."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
