"""`python -m dasein`: the command line, where the package is not installed."""

import sys

from dasein.cli import main

if __name__ == "__main__":
    sys.exit(main())
