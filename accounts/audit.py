"""The one way into the audit trail. Values whose names sound secret are masked here, whatever the caller passes."""

import re
from collections.abc import Mapping
from typing import Any

from allauth.core.internal.httpkit import get_client_ip
from django.core.exceptions import ImproperlyConfigured
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.http import HttpRequest

from accounts.models import AuditEntry, User
from accounts.verbs import Verb

__all__ = ["Verb", "changes", "masked", "record"]

MASK = "•••"
_SECRET = re.compile(
    r"passw|secret|token|credential|api[_-]?key|private[_-]?key|authorization|cookie|session[_-]?key", re.IGNORECASE
)


def record(
    request_or_user: HttpRequest | User | None,
    verb: str,
    target: models.Model | str | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
) -> AuditEntry:
    request = request_or_user if isinstance(request_or_user, HttpRequest) else None
    user = getattr(request, "user", None) if request is not None else request_or_user
    known = user if isinstance(user, User) and user.pk else None
    return AuditEntry.objects.create(
        actor_id=known.pk if known else None,
        actor=printable(known.label if known else "")[:254],
        address=_address(request),
        verb=printable(str(verb))[:40],
        **_naming(target),
        before=masked(before),
        after=masked(after),
        note=printable(note),
    )


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what differs, so that an entry can be read at a glance."""
    differing = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in differing}, {name: after[name] for name in differing}


def masked(values: Any) -> Any:
    if isinstance(values, Mapping):
        return {str(k): MASK if _SECRET.search(str(k)) and v else masked(v) for k, v in values.items()}
    if isinstance(values, list | tuple | set | frozenset):
        return [masked(value) for value in values]
    if values is None or isinstance(values, bool | int | float):
        return values
    return printable(values) if isinstance(values, str) else _plain(values)


def printable(text: str) -> str:
    # A name with a line break could otherwise forge a second line wherever the trail is exported.
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _plain(value: Any) -> Any:
    try:
        return DjangoJSONEncoder().default(value)
    except TypeError:
        return printable(str(value))


def _naming(target: models.Model | str | None) -> dict[str, str]:
    if isinstance(target, models.Model):
        kind = str(target._meta.verbose_name)
        return {"kind": kind[:60], "object_id": str(target.pk or ""), "label": printable(str(target))[:254]}
    return {"kind": "", "object_id": "", "label": printable(target or "")[:254]}


def _address(request: HttpRequest | None) -> str | None:
    try:
        return get_client_ip(request) if request is not None else None
    except ImproperlyConfigured:
        # A forged or missing forwarding header must not keep an act from being recorded.
        return None
