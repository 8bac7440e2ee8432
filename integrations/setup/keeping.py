"""Somebody signed in: the way that worked is kept with its secrets, and whose they are; or somebody left."""

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations.sync import credentials
from integrations.sync.models import Connection, ConnectionState
from integrations.wire.errors import Misconfigured
from integrations.wire.quota import Quota

from .guide import Arrival, Guide
from .handshake import Attempt


def refuse_foreign(guide: Guide, connection: Any, organisation_id: str) -> None:
    """A connection without links may still move, for one from the sandbox to the live organisation."""
    known = str(getattr(connection, guide.organisation_column) or "")
    if known and known != organisation_id and connection.links.exists():
        raise Misconfigured("OTHER_ORGANISATION", organisation_id)


@transaction.atomic
def keep(guide: Guide, connection: Connection, arrival: Arrival, attempt: Attempt) -> None:
    """Health says at once that it answers again."""
    credentials.save(connection, {**attempt.secrets, credentials.TOKENS: asdict(arrival.tokens)})
    known = {
        **attempt.columns,
        "account": arrival.user[:255],
        "organisation": arrival.organisation[:255],
        guide.organisation_column: arrival.organisation_id,
        "web_url": arrival.web_url,
    }
    for name, value in known.items():
        setattr(connection, name, value)
    connection.save(update_fields=list(known))
    mark_answering(connection, arrival.quota)


def mark_answering(connection: Connection, quota: Quota | None) -> None:
    known = {"quota_used": quota.used, "quota_limit": quota.limit, "quota_at": quota.at} if quota else {}
    ConnectionState.objects.filter(pk=connection.pk).update(
        **known,
        health=ConnectionState.Health.OK,
        health_code="",
        health_message="",
        health_since=timezone.now(),
        parked_until=None,
    )


@transaction.atomic
def forget(connection: Connection) -> None:
    """Every secret goes; what was read and set up stays."""
    credentials.save(connection, {})
    ConnectionState.objects.filter(pk=connection.pk).update(
        health=ConnectionState.Health.SIGN_IN, health_code="", health_message="", health_since=timezone.now()
    )
    connection.account = ""
    connection.save(update_fields=["account"])
