"""Intercom's teammates by number and by e-mail."""

from collections.abc import Iterator

from integrations.sync.colleagues import People, User

from .client import IntercomClient


def people_of(client: IntercomClient) -> People:
    return People("Intercom", lambda: users(client))


def users(client: IntercomClient) -> Iterator[User]:
    for one in client.admins():
        yield User(str(one["id"]), str(one.get("email") or "").lower(), str(one.get("name") or ""), is_active=True)
