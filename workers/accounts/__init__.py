"""What looks after tenants: erasure and retention. Imports jobs and the ports of stores; runs in the ingest pool."""
