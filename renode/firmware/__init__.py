"""Firmware to measure: AES-128 plain and masked, compares leaky and constant-time, built from C by `build.py`.

The standard library alone; nothing in this package runs inside a worker.
"""
