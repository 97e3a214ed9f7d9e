"""Measured traces as campaigns: files are read in a confined child, and what it says is assessed like simulated traces."""
