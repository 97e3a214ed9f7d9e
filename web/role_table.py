"""The table of roles in the manual, made from the permissions: `python -m web.role_table` writes it."""

from pathlib import Path

from jobs.identity import Role
from web.permissions import PERMISSIONS, Permission

MANUAL = Path(__file__).parents[1] / "docs" / "accounts.md"
BEGIN, END = "<!-- roles -->\n", "<!-- /roles -->"


def table() -> str:
    """Return the table: what each role may call beside what those before it may."""
    lines = ["| role | may also call | home only |", "|---|---|---|"]
    for role in Role:
        everybody, home = (
            ", ".join(f"`{name}`" for name in sorted(PERMISSIONS) if PERMISSIONS[name] == Permission(role, home))
            for home in (False, True)
        )
        lines.append(f"| {role.value} | {everybody} | {home} |")
    return "\n".join(lines) + "\n"


def told() -> str:
    """Return the table as it stands in the manual."""
    text = MANUAL.read_text()
    return text[text.index(BEGIN) + len(BEGIN) : text.index(END)]


def main() -> None:
    """Write the table into the manual."""
    MANUAL.write_text(MANUAL.read_text().replace(BEGIN + told() + END, BEGIN + table() + END))


if __name__ == "__main__":
    main()
