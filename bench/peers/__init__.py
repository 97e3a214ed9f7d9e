"""Peers: other ways to find the same things, on the same texts. Nothing of the product imports them."""
