import pytest
from django.core.management import call_command
from django.utils import timezone

from integrations.sync import credentials
from integrations.sync.models import Connection, ConnectionState
from integrations.wire.errors import NeedsSignIn
from integrations.wire.tokens import Tokens
from tests.sync.fakes import connect

SECRET = {"client_secret": "hush-hush-9f", "password": "p"}


def stored(connection: Connection) -> bytes:
    raw = ConnectionState.objects.get(pk=connection.pk).credentials
    assert raw is not None
    return bytes(raw)


@pytest.mark.requirement("I8")
def test_credentials_are_sealed_and_come_back(connection: Connection) -> None:
    credentials.save(connection, SECRET)

    assert credentials.load(connection) == SECRET
    assert b"hush" not in stored(connection)
    credentials.save(connection, SECRET)
    first, second = stored(connection), credentials.seal(connection.pk, SECRET)
    assert first != second


def test_sealed_credentials_of_another_connection_do_not_open(connection: Connection) -> None:
    credentials.save(connection, SECRET)
    other = connect("Other")
    ConnectionState.objects.create(connection=other, credentials=stored(connection))

    with pytest.raises(NeedsSignIn):
        credentials.load(other)


def test_connection_without_credentials_has_none(connection: Connection) -> None:
    assert credentials.load(connection) == {}
    assert credentials.store_for(connection).load() == (Tokens(""), 0)


def test_rotating_keeps_old_keys_readable_until_all_are_rewrapped(connection: Connection, settings, capsys) -> None:
    old, new = settings.CREDENTIAL_KEYS[0], "n" * 40
    credentials.save(connection, SECRET)
    settings.CREDENTIAL_KEYS = [new, old]
    assert credentials.load(connection) == SECRET

    call_command("rotate_keys")

    settings.CREDENTIAL_KEYS = [new]
    assert credentials.load(connection) == SECRET
    settings.CREDENTIAL_KEYS = [old]
    with pytest.raises(NeedsSignIn, match="CREDENTIAL_KEY"):
        credentials.load(connection)


def test_tokens_are_stored_beside_the_secrets_and_only_over_their_own_version(connection: Connection) -> None:
    credentials.save(connection, SECRET)
    store = credentials.store_for(connection)
    _, version = store.load()
    fresh = Tokens("access-9f", "refresh-9f", "https://x.example", expires_at=timezone.now())

    assert store.save(fresh, version)
    assert not store.save(Tokens("late"), version)

    assert store.load() == (fresh, version + 1)
    assert credentials.load(connection)["client_secret"] == "hush-hush-9f"
    assert "refresh-9f" not in repr(fresh)


@pytest.mark.requirement("F9")
def test_lease_is_held_by_one_at_a_time(connection: Connection) -> None:
    credentials.save(connection, {})
    store, other = credentials.store_for(connection), credentials.store_for(connection)

    with store.lease(60) as first, other.lease(60) as second:
        pass
    with other.lease(60) as again:
        pass

    assert (first, second, again) == (True, False, True)


def test_lapsed_lease_is_free(connection: Connection) -> None:
    credentials.save(connection, {})
    store = credentials.store_for(connection)

    with store.lease(-1), store.lease(60) as second:
        assert second
