"""Encoders: what makes vectors of texts, and keeps them; pools share it. May import jobs and stores' ports."""
