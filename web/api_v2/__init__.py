"""Version 2 of the HTTP API: one module per resource. Imports jobs, stores.ports and web."""
