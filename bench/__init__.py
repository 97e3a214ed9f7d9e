"""Benchmarks: each prints one JSON line per row; none asserts anything."""
