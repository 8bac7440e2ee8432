from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import RequestFactory

from accounts import audit
from accounts.models import AuditEntry
from accounts.paging import newest_first
from accounts.permissions import Role
from tests.factories import UserFactory
from tests.signed_in import ClientAs

pytestmark = pytest.mark.django_db


def test_record_masks_whatever_sounds_secret() -> None:
    values = {
        "client_secret": "s1",
        "Password": "s2",
        "settings": {"refresh_token": "s3", "host": "x"},
        "rows": [{"api-key": "s4"}],
        "token": "",
    }

    entry = audit.record(None, "changed", "HubSpot", before=values, after=values)

    assert entry.before == {
        "client_secret": "•••",
        "Password": "•••",
        "settings": {"refresh_token": "•••", "host": "x"},
        "rows": [{"api-key": "•••"}],
        "token": "",
    }
    assert "s1" not in str(AuditEntry.objects.values().get())


def test_record_keeps_plain_values() -> None:
    values = {
        "mrr": Decimal("10.50"),
        "day": date(2026, 1, 31),
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "n": 3,
        "b": True,
    }

    entry = audit.record(None, "changed", "x", after=values)
    entry.refresh_from_db()

    assert entry.after == {"mrr": "10.50", "day": "2026-01-31", "at": "2026-01-01T00:00:00Z", "n": 3, "b": True}


def test_record_makes_control_characters_visible() -> None:
    entry = audit.record(None, "changed", "one\nADMIN signed in", note="a\x1b[2Jb")

    assert (entry.label, entry.note) == ("one\\nADMIN signed in", "a\\x1b[2Jb")


def test_record_takes_actor_and_address_from_the_request(rf: RequestFactory) -> None:
    request = rf.post("/", REMOTE_ADDR="192.0.2.9")
    request.user = UserFactory.create(name="Tom")

    entry = audit.record(request, "changed", request.user)

    assert (entry.actor, entry.actor_id, entry.address, entry.kind) == ("Tom", request.user.pk, "192.0.2.9", "person")


def test_entries_are_only_added() -> None:
    entry = audit.record(None, "changed", "x")

    for act in (entry.save, entry.delete, AuditEntry.objects.all().delete, lambda: AuditEntry.objects.update(note="")):
        with pytest.raises(TypeError, match="only added to"):
            act()


def test_entry_outlives_its_person() -> None:
    tom = UserFactory.create(name="Tom")
    audit.record(tom, "changed", "x")

    tom.delete()

    assert AuditEntry.objects.get().actor == "Tom"


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("", ["c", "b", "a"]),
        ("?who=tom", ["c", "a"]),
        ("?what=deleted", ["b"]),
        ("?on=A", ["a"]),
        ("?who=tom&what=changed&on=c", ["c"]),
        ("?day=2020-01-01", []),
        ("?day=yesterday", []),
    ],
)
def test_trail_is_searched(client_as: ClientAs, query: str, labels: list[str]) -> None:
    tom, lena = UserFactory.create(name="Tom"), UserFactory.create(name="Lena")
    for who, verb, label in ((tom, "changed", "a"), (lena, "deleted", "b"), (tom, "changed", "c")):
        audit.record(who, verb, label)

    response = client_as(Role.SUPPORT).get(f"/people/audit/{query}")

    assert [entry.label for entry in response.context["page"].rows] == labels


def test_trail_of_a_day_has_that_day(client_as: ClientAs) -> None:
    entry = audit.record(None, "changed", "x")

    response = client_as(Role.ADMIN).get(f"/people/audit/?day={entry.at:%Y-%m-%d}")

    assert response.context["page"].rows == [entry]


def test_keyset_pages_lead_there_and_back() -> None:
    entries = [audit.record(None, "changed", str(n)) for n in range(7)]
    rows = AuditEntry.objects.all()

    first = newest_first(rows, size=3)
    second = newest_first(rows, size=3, before=first.older or "")
    third = newest_first(rows, size=3, before=second.older or "")
    back = newest_first(rows, size=3, after=third.newer or "")
    start = newest_first(rows, size=3, after=back.newer or "")

    shown = [[entry.label for entry in page.rows] for page in (first, second, third, back, start)]
    assert shown == [["6", "5", "4"], ["3", "2", "1"], ["0"], ["3", "2", "1"], ["6", "5", "4"]]
    assert (first.newer, third.older, start.newer) == (None, None, None)
    assert first.older == str(entries[4].pk)


@pytest.mark.parametrize("key", ["", "abc", "-1", "1;drop", "²", "9" * 40])
def test_keyset_page_ignores_a_mangled_key(key: str) -> None:
    audit.record(None, "changed", "x")

    assert len(newest_first(AuditEntry.objects.all(), before=key).rows) == 1
