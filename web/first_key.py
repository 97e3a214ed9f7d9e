"""The first admin key, made on the server: `python -m web.first_key [--force] [--name NAME]`, or `make key`.

Prints the key, once. It needs the farm's Redis and data folder, and no web server; from then on the farm answers to
known callers alone.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from pydantic import ValidationError

from config.refused_settings import refused
from config.settings import Settings
from jobs.errors import StoreUnavailable
from jobs.identity import HOME, Role
from web.accounts import Accounts
from web.wiring_accounts import connected_accounts

BY = "first_key"


def main(arguments: Sequence[str]) -> int:
    """Make the key; return the exit status."""
    parser = ArgumentParser("first_key", description="Make the first admin key of the farm.")
    parser.add_argument("--force", action="store_true", help="make one although somebody has an admin key")
    parser.add_argument("--name", default="first admin", help="whose it is")
    given = parser.parse_args(arguments)
    try:
        with connected_accounts(Settings()) as accounts:
            return make(accounts, name=given.name, force=given.force)
    except StoreUnavailable as error:
        sys.stderr.write(
            f"No key was made: {error.message} The farm's Redis must run: `make up`, or DASEIN_REDIS_URL.\n"
        )
        return 1
    except ValidationError as error:
        sys.stderr.writelines(f"{line}\n" for line in refused(error))
        return 1


def make(accounts: Accounts, *, name: str, force: bool) -> int:
    """Make the key unless there is one; return the exit status."""
    if accounts.has_admin() and not force:
        sys.stderr.write("Somebody has an admin key already; --force makes another one.\n")
        return 1
    key, text = accounts.make_key(tenant=HOME, role=Role.ADMIN, name=name, created_by=BY, lasts=None)
    # The key alone on standard output, so that a script can take it.
    sys.stderr.write(
        f"The admin key {key.prefix} of the farm; it is shown this once. The farm is closed to everybody without one.\n"
    )
    sys.stdout.write(f"{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
