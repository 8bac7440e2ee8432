"""Secrets of connections: sealed with a data key of their own, which is wrapped by the newest of CREDENTIAL_KEYS.

Changing that key re-wraps 32 bytes per connection and leaves the sealed values alone.
"""

import base64
import secrets
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Now

from integrations.wire.errors import NeedsSignIn
from integrations.wire.tokens import Tokens

from .clock import from_now
from .models import Connection, ConnectionState

FORMAT = 1
NONCE = 12
TOKENS = "tokens"
UNREADABLE = "CREDENTIALS_UNREADABLE"


def save(connection: Connection, values: Mapping[str, Any]) -> None:
    """Replaces all secrets of the connection; tokens are one of them."""
    ConnectionState.objects.get_or_create(connection=connection)
    _state(connection.pk).update(
        credentials=seal(connection.pk, values), credentials_version=F("credentials_version") + 1
    )


def load(connection: Connection) -> dict[str, Any]:
    """Raises NeedsSignIn where the row does not open: it is another's, damaged, or its key is gone."""
    return _read(connection.pk)[0]


def load_readable(connection: Connection) -> dict[str, Any]:
    """For replacing them: nothing where nothing opens."""
    try:
        return load(connection)
    except NeedsSignIn:
        return {}


def store_for(connection: Connection) -> "StoredTokens":
    return StoredTokens(connection.pk)


class StoredTokens:
    """The wire's TokenStore. Versions and leases are conditional updates, so they hold across processes."""

    def __init__(self, connection_id: int) -> None:
        self._id = connection_id

    def load(self) -> tuple[Tokens, int]:
        values, version = _read(self._id)
        return _tokens(values.get(TOKENS) or {}), version

    def save(self, tokens: Tokens, version: int) -> bool:
        values, found = _read(self._id)
        if found != version:
            return False
        sealed = seal(self._id, {**values, TOKENS: asdict(tokens)})
        state = _state(self._id).filter(credentials_version=version)
        return bool(state.update(credentials=sealed, credentials_version=F("credentials_version") + 1))

    @contextmanager
    def lease(self, seconds: float) -> Iterator[bool]:
        owner = uuid.uuid4().hex
        free = Q(lease_until=None) | Q(lease_until__lt=Now())
        taken = _state(self._id).filter(free).update(lease_owner=owner, lease_until=from_now(seconds))
        try:
            yield bool(taken)
        finally:
            if taken:
                _state(self._id).filter(lease_owner=owner).update(lease_owner="", lease_until=None)


def seal(owner: int | str, values: Mapping[str, Any]) -> bytes:
    """`owner`: a connection's number, or the words that name another row."""
    key, about = AESGCM.generate_key(256), _about(owner)
    sealed = _encrypt(key, orjson.dumps(dict(values)), about)
    return orjson.dumps({"v": FORMAT, "key": _text(wrap(key, about)), "data": _text(sealed)})


def unseal(owner: int | str, envelope: bytes) -> dict[str, Any]:
    with _readable():
        about, parts = _about(owner), orjson.loads(envelope)
        key = unwrap(base64.b64decode(parts["key"]), about)
        opened: dict[str, Any] = orjson.loads(_decrypt(key, base64.b64decode(parts["data"]), about))
    return opened


def rewrap(owner: int | str, envelope: bytes) -> bytes:
    """The same sealed values under the newest key."""
    with _readable():
        about, parts = _about(owner), orjson.loads(envelope)
        key = unwrap(base64.b64decode(parts["key"]), about)
    return orjson.dumps({**parts, "key": _text(wrap(key, about))})


@contextmanager
def _readable() -> Iterator[None]:
    """A lost key costs a new sign-in of one connection, and nothing else."""
    try:
        yield
    except (InvalidTag, KeyError, TypeError, ValueError):
        raise NeedsSignIn(
            UNREADABLE, "What was kept does not open with the keys in CREDENTIAL_KEY and CREDENTIAL_KEY_FALLBACKS."
        ) from None


def wrap(key: bytes, about: bytes) -> bytes:
    return _encrypt(_derived(settings.CREDENTIAL_KEYS[0]), key, about)


def unwrap(wrapped: bytes, about: bytes) -> bytes:
    for secret in settings.CREDENTIAL_KEYS:
        try:
            return _decrypt(_derived(secret), wrapped, about)
        except InvalidTag:
            continue
    raise InvalidTag


def _encrypt(key: bytes, plain: bytes, about: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, about)


def _decrypt(key: bytes, sealed: bytes, about: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], about)


def _derived(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"skalin-sync credentials").derive(secret.encode())


def _about(owner: int | str) -> bytes:
    # Bound to its row: a sealed value copied to another connection or alert channel does not open.
    return f"{owner}:credentials".encode()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _state(connection_id: int) -> Any:
    return ConnectionState.objects.filter(pk=connection_id)


def _read(connection_id: int) -> tuple[dict[str, Any], int]:
    row = _state(connection_id).values_list("credentials", "credentials_version").first()
    if row is None or row[0] is None:
        return {}, row[1] if row else 0
    return unseal(connection_id, bytes(row[0])), row[1]


def _tokens(stored: Mapping[str, Any]) -> Tokens:
    known = {field.name for field in fields(Tokens)}
    values = {name: value for name, value in stored.items() if name in known}
    for name in ("expires_at", "issued_at"):
        if values.get(name):
            values[name] = datetime.fromisoformat(values[name])
    return Tokens(**({"access_token": ""} | values))
