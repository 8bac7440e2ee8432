"""Zoho's users: one call for two hundred of them."""

from integrations.sync.colleagues import People, User

from .client import ZohoClient

ACTIVE = "active"


def people_of(client: ZohoClient) -> People:
    def ask() -> list[User]:
        return [
            User(str(one["id"]), str(one.get("email") or "").lower(), str(one.get("full_name") or ""), one.get("status") == ACTIVE)
            for one in client.users()
        ]  # fmt: skip

    return People("Zoho", ask)
