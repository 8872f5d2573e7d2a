"""Audit: the append-only trail of what staff did. Holds no network data, which must be forgettable."""
