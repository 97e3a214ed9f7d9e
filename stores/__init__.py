"""Stores: one port per question we ask, one adapter per server. Imports jobs only."""
