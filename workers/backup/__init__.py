"""Backups: all stores into one place, and back. Imports jobs and the ports of stores; runs in the ingest pool and by hand."""
