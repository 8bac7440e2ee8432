"""The practice CRMs as they listen: how those beside Salesforce are opened, and who may sign in to each."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.simulation.app import Simulator

from .practice_hubspot import open_portal
from .practice_intercom import open_workspace
from .practice_moving import NAME as MOVING
from .practice_moving import open_moving_portal
from .practice_pipedrive import Contents as PipedriveContents
from .practice_pipedrive import open_account as open_pipedrive
from .practice_sellsy import open_account as open_sellsy
from .practice_stripe import open_account as open_stripe
from .practice_zoho import ZohoContents, open_zoho

Open = Callable[[Path, int | None, int, bool], Simulator]
"""(its file, plain accounts or None for the lifelike world, contacts of each, whether to fill it anew) → the system."""

CREDENTIALS: dict[str, str | Promise] = {
    "client_id": _("Client ID"),
    "client_secret": _("Client secret"),
    "email": _("User name"),
    "username": _("User name"),
    "password": _("Password"),
    "security_token": _("Security token"),
    "api_token": _("API token"),
    "access_token": _("Access token"),
    "personal_id": _("Client ID of a private app"),
    "personal_secret": _("Its secret"),
    "restricted_key": _("Restricted key, reads only"),
    "secret_key": _("Secret key"),
}
HTTPS_BESIDE = 400
"""Each listens over https so many ports further on."""


@dataclass(frozen=True, slots=True)
class Other:
    name: str
    label: str
    open: Open

    @property
    def file(self) -> str:
        return f"practice-{self.name}.sqlite3"


OTHERS: Sequence[Other] = (
    Other("hubspot", "HubSpot", lambda path, rows, per, reset: open_portal(path, rows, contacts_per=per, reset=reset)),
    Other(
        "pipedrive",
        "Pipedrive",
        lambda path, rows, per, reset: open_pipedrive(path, PipedriveContents(rows, per), reset=reset),
    ),
    Other("zoho", "Zoho CRM", lambda path, rows, per, reset: open_zoho(path, ZohoContents(rows, per), reset=reset)),
    Other("sellsy", "Sellsy", lambda path, rows, per, reset: open_sellsy(path, rows, None, per, reset=reset)),
    Other("stripe", "Stripe", lambda path, rows, per, reset: open_stripe(path, rows, None, per, reset=reset)),
    Other("intercom", "Intercom", lambda path, rows, per, reset: open_workspace(path, rows, None, per, reset=reset)),
    Other(
        MOVING,
        "HubSpot for the move",
        lambda path, rows, per, reset: open_moving_portal(path, rows, contacts_per=per, reset=reset),
    ),
)


@dataclass(frozen=True, slots=True)
class Listening:
    """One that listens."""

    name: str
    label: str
    app: Simulator
    port: int
    https_port: int | None = None

    @property
    def facts(self) -> list[tuple[str, str]]:
        known: dict[str, Any] = asdict(self.app.place.credentials)
        return [(str(label), str(known[name])) for name, label in CREDENTIALS.items() if known.get(name)]


def ports_from(first: int) -> dict[str, int]:
    return {other.name: first + place for place, other in enumerate(OTHERS)}


def open_others(
    folder: Path, first: int, *, rows: int | None, per: int, reset: bool, https: bool = True
) -> list[Listening]:
    return [
        Listening(
            each.name,
            each.label,
            each.open(folder / each.file, rows, per, reset),
            port,
            port + HTTPS_BESIDE if https else None,
        )
        for each, port in zip(OTHERS, ports_from(first).values(), strict=True)
    ]
