"""What one system brings to the guided set-up that all share: its words, its proposals, its ways to sign in."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from integrations.engine.reasons import Sentence
from integrations.sync.connector import Abilities, CrmField, Schema
from integrations.sync.models import Connection
from integrations.wire.quota import Quota
from integrations.wire.tokens import Tokens

from .guided import GuidedConnector
from .handshake import Attempt

_WORD = re.compile(r"%\((\w+)\)s")
Words = Mapping[str, str | Promise]
"""`system`, and what its people call a record of the customers block: `account`, `accounts`, `Accounts`."""


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    label: str | Promise
    note: str | Promise
    is_optional: bool = False
    """Nobody is led through it on the way to the first sync; who wants it finds it beside the others."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody signed in: who, and where."""

    tokens: Tokens = field(repr=False)
    user: str
    organisation: str
    organisation_id: str
    """Ids mean something within one organisation only: signing in to another one must not go unnoticed."""
    web_url: str
    quota: Quota | None = None


class Ways(Protocol):
    """The ways to sign in. Every one may raise the wire's errors."""

    def needs_browser(self, connection: Any) -> bool: ...

    def authorize_url(self, connection: Any, attempt: Attempt, *, redirect_uri: str, state: str, challenge: str) -> str:
        """Where the browser goes; the address was checked against the hosts that may be called."""

    def exchange(
        self,
        connection: Any,
        attempt: Attempt,
        *,
        code: str,
        verifier: str,
        redirect_uri: str,
        asked: Mapping[str, str],
    ) -> Tokens:
        """`asked`: what else the vendor's page sent back (its data centre, for instance)."""

    def alone(self, connection: Any, attempt: Attempt) -> Tokens:
        """The ways that need nobody at a browser."""

    def arrive(self, connection: Any, tokens: Tokens) -> Arrival:
        """Who it is, and whether the API is open to them."""

    def leave(self, connection: Any) -> None:
        """Ends the grant at the vendor."""


@dataclass(frozen=True, slots=True)
class Offers:
    """Which fields are worth offering in a step, beside what their kind says."""

    is_its_own: Callable[[CrmField], bool]
    """What the CRM notes for itself says nothing about a customer; the mapping editor lists it all the same."""
    roles: Sequence[str] = ()
    """Standard fields of a contact that may say what the person does."""
    first_role: str = ""
    """The field that the roles are pointed at first; empty: the organisation's own come first."""
    champion: str | Promise = ""
    """Who speaks for the team, by an example in this CRM's own words."""
    currency: str = ""
    """The CRM's own field for the currency of a record."""
    agreements: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Source object → what a start proposes: form field → path."""
    first_source: str = ""
    """The object that usually holds agreements."""
    contract_id: Callable[[CrmField], bool] | None = None
    """Which fields may hold the contract's own ID; None: the step does not ask, and the record's ID serves."""
    without_view: Callable[[str], str | Promise] = str
    """What comes in from a source object while no view is chosen."""


@dataclass(frozen=True, slots=True)
class Guide:
    system: str
    namespace: str
    """Of its addresses: start, callback, connect, disconnect, wizard."""
    abilities: Abilities
    words: Words
    model: type[Connection]
    connector: type[GuidedConnector]
    steps: Sequence[Step]
    pages: Mapping[str, Callable[[HttpRequest, Any], HttpResponse]]
    """Steps that are this system's own."""
    ways: Ways
    connect_form: Callable[..., Any]
    """(connection, stored secrets, data) → the form of the sign-in."""
    practice: Callable[[Connection], dict[str, Any] | None]
    """What the button for the practice system fills in; None where there is none."""
    organisation_column: str
    offers: Offers
    interactions: Mapping[str, str | Promise]
    """Data type → what its records are in this CRM, in a sentence."""
    default_lines: Callable[[str], Sequence[dict[str, Any]]]
    proposed_path: Callable[[dict[str, Any], Schema], str]
    missing_scope: Callable[[Any], str | Promise]
    """What is not chosen yet of which records come in; empty where all is."""
    trouble: Callable[[str], Sentence | None]
    """A code of the vendor in plain words."""
    hidden: frozenset[str] = frozenset()
    """Codes with which it refuses an object or a field that the signed-in user may not see."""
    practice_move: Callable[[Connection], dict[str, Any] | None] = lambda _connection: None
    """The same of the practice account that a team moves to."""
    creates_scores: bool = False
    """The fields for the scores can be made by the CRM's API; else an administrator makes them."""
    history: str | Promise = ""
    """What else is true of interactions that lie long back."""
    facts: Callable[[], Mapping[str, Any]] = dict
    """What else the page of the sign-in says: the version of the API."""

    @property
    def makes_customers(self) -> bool:
        """What it holds becomes customers here; else those that are here are found again in it."""
        return self.abilities.of("customers").makes_rows

    @property
    def has_contacts(self) -> bool:
        return any(ability.object == "contacts" for ability in self.abilities.objects)

    def say(self, text: Any) -> str:
        """A text of ours with this system's words in it; what else it leaves open stays open."""
        words = {"contacts": _("contacts"), **self.words}
        return _WORD.sub(lambda found: str(words.get(found[1], found[0])), str(text))


_guides: dict[str, Guide] = {}


def register(guide: Guide) -> None:
    _guides[guide.system] = guide


def guide_of(connection: Connection) -> Guide:
    return _guides[connection.system]


def guide_named(system: str) -> Guide:
    return _guides[system]
