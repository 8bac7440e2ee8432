"""Calls, meetings and notes: each data type out of one module of Zoho."""
