"""The practice CRMs beside Salesforce: how each is opened and who may sign in to it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.simulation.app import Simulator

from .practice_hubspot import open_portal
from .practice_pipedrive import Contents as PipedriveContents
from .practice_pipedrive import open_account as open_pipedrive
from .practice_sellsy import open_account as open_sellsy
from .practice_zoho import ZohoContents, open_zoho

Open = Callable[[Path, int | None, int, bool], Simulator]
"""(its file, plain accounts or None for the lifelike world, contacts of each, whether to fill it anew) → the system."""

CREDENTIALS: dict[str, str | Promise] = {
    "client_id": _("Client ID"),
    "client_secret": _("Client secret"),
    "email": _("User name"),
    "username": _("User name"),
    "api_token": _("API token"),
    "access_token": _("Access token"),
    "personal_id": _("Client ID of a private app"),
    "personal_secret": _("Its secret"),
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
)


@dataclass(frozen=True, slots=True)
class Listening:
    """One that listens."""

    other: Other
    app: Simulator
    port: int

    @property
    def label(self) -> str:
        return self.other.label

    @property
    def https_port(self) -> int:
        return self.port + HTTPS_BESIDE

    @property
    def facts(self) -> list[tuple[str, str]]:
        known: dict[str, Any] = asdict(self.app.place.credentials)
        return [(str(label), str(known[name])) for name, label in CREDENTIALS.items() if known.get(name)]


def ports_from(first: int) -> dict[str, int]:
    return {other.name: first + place for place, other in enumerate(OTHERS)}


def open_others(folder: Path, first: int, *, rows: int | None, per: int, reset: bool) -> list[Listening]:
    ports = ports_from(first)
    return [Listening(each, each.open(folder / each.file, rows, per, reset), ports[each.name]) for each in OTHERS]
