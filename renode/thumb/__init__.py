"""The instructions of ARMv6-M and ARMv7E-M, as micro-operations."""
