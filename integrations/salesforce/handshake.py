"""One sign-in through the browser, from the redirect to the return: tied to the session and the connection, used once."""

import hashlib
import secrets
from base64 import b64decode, b64encode
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone

from integrations.sync.credentials import seal, unseal
from integrations.wire.oauth import Pkce, new_pkce, new_state

from .models import SalesforceConnection

KEY = "salesforce_handshake"
LASTS = timedelta(minutes=10)


def begin(request: HttpRequest, connection: SalesforceConnection) -> tuple[str, Pkce]:
    """A new one replaces an unfinished one. The session keeps no secret in the clear."""
    state, pkce = new_state(), new_pkce()
    request.session[KEY] = {
        "state": digest(state),
        "connection": connection.pk,
        "sealed": b64encode(seal(connection.pk, {"verifier": pkce.verifier})).decode(),
        "until": (timezone.now() + LASTS).isoformat(),
    }
    return state, pkce


def redeem(request: HttpRequest, state: str) -> tuple[SalesforceConnection, str] | None:
    """The connection and the PKCE verifier. A state that is not this session's changes nothing, not even what waits."""
    pending = request.session.get(KEY)
    if not pending or not secrets.compare_digest(pending["state"], digest(state)):
        return None
    del request.session[KEY]
    # Written now: a second answer with the same state must find nothing, even while this one is being worked on.
    request.session.save()
    if timezone.now() > datetime.fromisoformat(pending["until"]):
        return None
    connection = SalesforceConnection.objects.filter(pk=pending["connection"]).first()
    if connection is None:
        return None
    return connection, unseal(connection.pk, b64decode(pending["sealed"]))["verifier"]


def digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
