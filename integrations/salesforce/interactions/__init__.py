"""Calls, meetings, e-mails and notes: each data type out of one or several objects of Salesforce."""
