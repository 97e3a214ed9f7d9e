"""`python -m dasein`: the command line, where the package is not installed."""

from dasein.cli import main

if __name__ == "__main__":
    main()
