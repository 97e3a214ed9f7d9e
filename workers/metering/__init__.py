"""What a worker counts for Prometheus, and how it is exported."""
