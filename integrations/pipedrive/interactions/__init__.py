"""Meetings, calls and e-mails out of activities by their type, and notes."""
