"""Deploy: how the farm is brought up. `embedded` runs it on one machine from PyPI alone; `demo` shows it."""
