"""Media: untrusted files are decoded in children with limits; what they look and sound like is measured there."""
