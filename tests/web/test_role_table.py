"""The table of roles in the manual is the one that is enforced."""

from web import role_table


def test_the_manual_has_the_table_of_roles_that_is_enforced() -> None:
    assert role_table.told() == role_table.table(), "`python -m web.role_table` writes it"
