"""Salesforce's users by their e-mail addresses."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from integrations.sync.connector import Colleague

from .client import SalesforceClient
from .soql import fill, id_chunks, select

EMAILS_PER_QUERY = 100
"""An address has up to 128 characters, and the whole query up to 16,384 bytes."""


def colleagues(client: SalesforceClient, emails: Iterable[str]) -> dict[str, Colleague]:
    # The inactive first, so that the one who works here now replaces a former user of the same address.
    found = sorted(_users(client, emails), key=lambda user: bool(user["IsActive"]))
    return {str(user["Email"]).lower(): _colleague(user) for user in found}


def _users(client: SalesforceClient, emails: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    for chunk in id_chunks((email.lower() for email in emails), EMAILS_PER_QUERY):
        condition = fill("Email IN {emails}", emails=chunk)
        for page in client.pages(select(["Name", "Email", "IsActive"], "User", condition, "Name")):
            yield from page.records


def _colleague(user: Mapping[str, Any]) -> Colleague:
    return Colleague(str(user["Email"]).lower(), str(user["Name"] or ""), bool(user["IsActive"]))
