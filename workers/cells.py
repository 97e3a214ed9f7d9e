"""Text in the cells of tables that pools write: a spreadsheet must not evaluate what strangers named."""

FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What makes a spreadsheet take a cell for a formula, full-width forms included."""


def text_cell(text: str | None) -> str:
    """Return text that no spreadsheet evaluates: a leading apostrophe before what would start a formula.

    What cannot be printed becomes U+FFFD; None is an empty cell.
    """
    if text is None:
        return ""
    shown = "".join(character if character.isprintable() or character in "\t\r\n" else "\ufffd" for character in text)
    return "'" + shown if shown.startswith(FORMULA_STARTS) or shown.lstrip().startswith(FORMULA_STARTS) else shown
