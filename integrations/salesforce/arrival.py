"""Somebody signed in: who it is, whether the API is open to them, whether it is the same organisation; then all is kept."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from integrations.sync import credentials
from integrations.sync.models import ConnectionState
from integrations.wire.errors import Misconfigured, NeedsSignIn
from integrations.wire.quota import Quota
from integrations.wire.tokens import Tokens

from . import signin
from .client import SalesforceClient
from .handshake import Attempt
from .models import SalesforceConnection
from .opening import Meter, login_url, open_session
from .soql import to_18

NO_API = frozenset({"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED"})


class FreshAccess:
    """An access that is not stored anywhere yet."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._tokens.access_token}"}

    def renew(self, refused: Mapping[str, str]) -> None:
        raise NeedsSignIn("INVALID_SESSION_ID", "Salesforce does not accept the access that it has just given.")

    def secrets(self) -> tuple[str, ...]:
        return self._tokens.secrets


@dataclass(frozen=True, slots=True)
class Arrival:
    tokens: Tokens = field(repr=False)
    user: str
    organisation: str
    organization_id: str
    quota: Quota | None = None


def arrive(connection: SalesforceConnection, tokens: Tokens) -> Arrival:
    """Three calls; the second is the first that needs API access, so it says in time where that is missing."""
    client = SalesforceClient(
        open_session(Meter(), auth=FreshAccess(tokens)), tokens.instance_url, settings.SALESFORCE_API_VERSION
    )
    told = signin.userinfo(open_session(), tokens)
    organization_id = to_18(str(told["organization_id"]))
    if is_foreign(connection, organization_id):
        raise Misconfigured("OTHER_ORGANISATION", organization_id)
    user = str(told.get("name") or told.get("preferred_username") or told["user_id"])
    organisation = organisation_name(client) or organization_id
    return Arrival(tokens, user, organisation, organization_id, client.session.quota)


def is_foreign(connection: SalesforceConnection, organization_id: str) -> bool:
    """A connection without links may still move, for one from the sandbox to the live organisation."""
    known = connection.organization_id
    return bool(known) and known != organization_id and connection.links.exists()


def organisation_name(client: SalesforceClient) -> str:
    try:
        rows = client.query("SELECT Name FROM Organization LIMIT 1").records
    except Misconfigured as refused:
        if refused.code in NO_API:
            raise
        # The name is a courtesy; the user may lack the right to read it.
        client.limits()
        return ""
    return str(rows[0]["Name"]) if rows else ""


@transaction.atomic
def keep(connection: SalesforceConnection, arrival: Arrival, attempt: Attempt) -> None:
    """The way that worked, its secrets, and whose they are; health says at once that it answers again."""
    credentials.save(connection, {**attempt.secrets, credentials.TOKENS: asdict(arrival.tokens)})
    known = {
        **attempt.columns,
        "account": arrival.user[:255],
        "organisation": arrival.organisation[:255],
        "organization_id": arrival.organization_id,
        "web_url": arrival.tokens.instance_url,
    }
    for name, value in known.items():
        setattr(connection, name, value)
    connection.save(update_fields=list(known))
    mark_answering(connection, arrival.quota)


def mark_answering(connection: SalesforceConnection, quota: Quota | None) -> None:
    known = {"quota_used": quota.used, "quota_limit": quota.limit, "quota_at": quota.at} if quota else {}
    ConnectionState.objects.filter(pk=connection.pk).update(
        **known,
        health=ConnectionState.Health.OK,
        health_code="",
        health_message="",
        health_since=timezone.now(),
        parked_until=None,
    )


def leave(connection: SalesforceConnection) -> None:
    """Ends the grant at Salesforce."""
    tokens, _version = credentials.store_for(connection).load()
    if tokens.access_token:
        signin.revoke(open_session(), login_url(connection), tokens)


@transaction.atomic
def forget(connection: SalesforceConnection) -> None:
    """Every secret goes; what was read and set up stays."""
    credentials.save(connection, {})
    ConnectionState.objects.filter(pk=connection.pk).update(
        health=ConnectionState.Health.SIGN_IN, health_code="", health_message="", health_since=timezone.now()
    )
    connection.account = ""
    connection.save(update_fields=["account"])
