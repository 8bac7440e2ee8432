"""Pipedrive's users: one call for all of them."""

from integrations.sync.colleagues import People, User

from .client import PipedriveClient


def people_of(client: PipedriveClient) -> People:
    def ask() -> list[User]:
        return [
            User(str(one["id"]), str(one.get("email") or "").lower(), str(one.get("name") or ""), bool(one.get("active_flag")))
            for one in client.users()
        ]  # fmt: skip

    return People("Pipedrive", ask)
