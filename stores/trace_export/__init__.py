"""Kept traces in the forms that other tools read; run as a program, since libraries and files are large. Imports jobs only."""
