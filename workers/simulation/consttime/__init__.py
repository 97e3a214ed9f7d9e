"""The constant-time check: executions that differ in secrets alone are compared by way, address and time."""
