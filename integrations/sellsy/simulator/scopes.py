"""The scopes that a client may be granted, and which an embedded object needs beside its host's."""

_OBJECTS = (
    "accounts", "activities", "calendars", "comments", "companies", "contacts", "custom-fields", "individuals",
    "opportunities", "phonecalls", "smart-tags", "staffs", "tasks", "webhooks",
)  # fmt: skip
ALL = (
    *(f"{name}.{right}" for name in _OBJECTS for right in ("read", "write")),
    "api-v1", "emails.read", "invoicing.read", "scopes.read", "search.read",
)  # fmt: skip

EMBEDS = {
    "main_contact": "contacts.read", "dunning_contact": "contacts.read", "invoicing_contact": "contacts.read",
    "contact": "contacts.read", "contacts": "contacts.read", "company": "companies.read",
    "individual": "individuals.read", "owner": "staffs.read", "assigned_staffs": "staffs.read",
    "opportunities": "opportunities.read", "estimates": "invoicing.read", "invoices": "invoicing.read",
    "orders": "invoicing.read", "deliveries": "invoicing.read", "proformas": "invoicing.read",
    "creditnotes": "invoicing.read", "smart_tags": "smart-tags.read", "custom_fields": "custom-fields.read",
}  # fmt: skip
"""Where the client lacks the scope the embedded object is null, without a refusal."""
