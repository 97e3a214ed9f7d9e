"""Tests mirror the tree. A package of its own, or another distribution's `tests` would be imported in our programs' stead."""
