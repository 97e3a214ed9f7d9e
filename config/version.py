"""The version of what runs: that of `pyproject.toml`, which images do not carry."""

VERSION = "0.1.0"
