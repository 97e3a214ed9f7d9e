"""Simulators and their firmware: the embedded core, ELF files, the arrays an execution yields. Imports jobs only."""
