"""One sign-in through the browser, from the redirect to the return: tied to the session and the connection, used once."""

import hashlib
import secrets
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils import timezone

from integrations.sync.credentials import seal, unseal
from integrations.sync.models import Connection
from integrations.sync.registry import child_of
from integrations.wire.errors import NeedsSignIn
from integrations.wire.oauth import Pkce, new_pkce, new_state

KEY = "sign_in_handshake"
AnyConnection = TypeVar("AnyConnection", bound=Connection)
LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How somebody wants to sign in. It counts once it has worked: until then a live connection goes on with the old way."""

    columns: dict[str, str]
    secrets: dict[str, Any] = field(repr=False)

    def on(self, connection: AnyConnection) -> AnyConnection:
        for name, value in self.columns.items():
            setattr(connection, name, value)
        return connection


@dataclass(frozen=True, slots=True)
class Pending:
    connection: Connection
    attempt: Attempt
    verifier: str = field(repr=False)


def begin(request: HttpRequest, connection: Connection, attempt: Attempt) -> tuple[str, Pkce]:
    """A new one replaces an unfinished one. The session keeps no secret in the clear."""
    state, pkce = new_state(), new_pkce()
    request.session[KEY] = {
        "state": digest(state),
        "connection": connection.pk,
        "sealed": b64encode(seal(connection.pk, {"verifier": pkce.verifier, **asdict(attempt)})).decode(),
        "until": (timezone.now() + LASTS).isoformat(),
    }
    return state, pkce


def redeem(request: HttpRequest, state: str) -> Pending | None:
    """What was begun. A state that is not this session's changes nothing, not even what waits."""
    pending = request.session.get(KEY)
    if not pending or not secrets.compare_digest(pending["state"], digest(state)):
        return None
    del request.session[KEY]
    # Written now: a second answer with the same state must find nothing, even while this one is being worked on.
    request.session.save()
    if timezone.now() > datetime.fromisoformat(pending["until"]):
        return None
    found = Connection.objects.filter(pk=pending["connection"]).first()
    if found is None:
        return None
    connection = child_of(found)
    try:
        kept = unseal(connection.pk, b64decode(pending["sealed"]))
    except NeedsSignIn:
        # The console's keys were changed in between: it is begun anew.
        return None
    attempt = Attempt(kept["columns"], kept["secrets"])
    return Pending(attempt.on(connection), attempt, kept["verifier"])


def digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
