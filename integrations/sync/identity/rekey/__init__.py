"""Customers and contacts get the IDs of another system: looked at first, given a page at a time, and taken back."""
