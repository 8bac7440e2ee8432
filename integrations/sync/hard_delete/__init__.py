"""Customers deleted for good, many at once: chosen, backed up, deleted, and brought back exactly if need be."""
