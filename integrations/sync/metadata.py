"""What a CRM says about its own fields, kept for ten minutes. A CRM that does not answer never breaks a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.engine.values import digest
from integrations.wire.errors import Misconfigured, NeedsSignIn, RateLimited, Transient, WireError

from .connector import Schema
from .models import Connection
from .registry import connector_for

FRESH = timedelta(minutes=10)
REMEMBERED = timedelta(days=7).total_seconds()
# A dead CRM costs a time-out: nobody who turns pages waits for it again and again.
AFTER_FAILURE = 60


@dataclass(frozen=True, slots=True)
class Metadata:
    schema: Schema | None = None
    read_at: datetime | None = None
    samples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    trouble: str = ""
    """Why the CRM was not asked or did not answer; what was known before is shown all the same."""

    @property
    def is_fresh(self) -> bool:
        return self.read_at is not None and timezone.now() - self.read_at < FRESH


def metadata_of(connection: Connection, object_name: str, paths: Sequence[str], *, may_ask: bool) -> Metadata:
    """`may_ask`: only an admin's page spends calls; others see what was read last."""
    known: Metadata = cache.get(_key(connection, object_name)) or Metadata()
    if may_ask and not known.is_fresh:
        known = _read(connection, object_name, known)
    missing = [path for path in paths if known.schema and known.schema.get(path) and path not in known.samples]
    if may_ask and missing and not known.trouble:
        known = _sample(connection, object_name, known, [*known.samples, *missing])
    return known


def forget(connection: Connection, object_name: str) -> None:
    cache.delete_many([_key(connection, object_name), _key(connection, object_name, "down")])


def count_values(connection: Connection, object_name: str, path: str, values: Sequence[str]) -> int | None:
    """How many records of the scope hold one of the values; one call, kept as long as the fields are."""
    key = _key(connection, object_name, digest([path, *values]))
    number: int | None = cache.get(key)
    if number is None and values:
        try:
            number = connector_for(connection, read_only=True, interactive=True).count_matching(
                object_name, path, values
            )
        except WireError:
            return None
        cache.set(key, number, FRESH.total_seconds())
    return number


def value_counts(connection: Connection, object_name: str, path: str) -> Mapping[str, int]:
    """How many records hold each value: one call, kept as long as the fields are; empty where nobody can tell."""
    key = _key(connection, object_name, digest(["by-value", path]))
    found: Mapping[str, int] | None = cache.get(key)
    if found is None:
        try:
            found = connector_for(connection, read_only=True, interactive=True).value_counts(object_name, path)
        except WireError:
            return {}
        cache.set(key, found, FRESH.total_seconds())
    return found


def _read(connection: Connection, object_name: str, known: Metadata) -> Metadata:
    down = _key(connection, object_name, "down")
    if trouble := cache.get(down):
        return Metadata(known.schema, known.read_at, known.samples, trouble)
    try:
        schema = connector_for(connection, read_only=True, interactive=True).schema(object_name)
    except WireError as failure:
        trouble = _said(failure, connection)
        cache.set(down, trouble, AFTER_FAILURE)
        return Metadata(known.schema, known.read_at, known.samples, trouble)
    return _keep(connection, object_name, Metadata(schema, timezone.now()))


def _sample(connection: Connection, object_name: str, known: Metadata, paths: Sequence[str]) -> Metadata:
    try:
        found = connector_for(connection, read_only=True, interactive=True).samples(object_name, paths)
    except WireError as failure:
        # Samples help to choose; without them every field can still be mapped.
        return Metadata(known.schema, known.read_at, known.samples, _said(failure, connection))
    samples = {path: found.get(path, ()) for path in paths}
    return _keep(connection, object_name, Metadata(known.schema, known.read_at, samples))


def _keep(connection: Connection, object_name: str, known: Metadata) -> Metadata:
    cache.set(_key(connection, object_name), known, REMEMBERED)
    return known


def _key(connection: Connection, object_name: str, part: str = "fields") -> str:
    return f"crm:{connection.pk}:{object_name}:{part}"


def _said(failure: WireError, connection: Connection) -> str:
    said = {"name": connection.name, "why": str(failure)}
    match failure:
        case NeedsSignIn():
            return _("%(name)s asks for a new sign-in: what was read last is shown.") % said
        case RateLimited():
            return _("%(name)s has no calls left at the moment: what was read last is shown.") % said
        case Misconfigured():
            return _("%(name)s refuses to describe its fields (%(why)s): what was read last is shown.") % said
        case Transient():
            return _("%(name)s does not answer: what was read last is shown.") % said
        case _:
            return _("%(name)s could not be read (%(why)s): what was read last is shown.") % said
