"""Kernel: the recorder as a Linux module, and its reader. Imports jobs only."""
