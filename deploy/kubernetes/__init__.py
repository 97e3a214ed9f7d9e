"""Dasein on Kubernetes: kustomize bases, overlays and components, and what writes or draws parts of them."""
