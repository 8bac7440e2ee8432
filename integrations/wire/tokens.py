"""An access and what belongs to it; nothing of it shows in a repr."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Tokens:
    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    instance_url: str = ""
    identity_url: str = ""
    expires_at: datetime | None = None
    scope: str = ""
    issued_at: datetime | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.access_token, self.refresh_token)))


@dataclass(frozen=True, slots=True)
class App:
    """The client that the customer's admin registered with the system."""

    client_id: str
    client_secret: str = field(default="", repr=False)
