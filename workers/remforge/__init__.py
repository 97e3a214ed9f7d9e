"""The REMForge pool: files become records (`rem/1`). Imports jobs, stores' ports, workers.encoders and itself."""
