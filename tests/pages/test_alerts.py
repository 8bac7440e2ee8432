"""The pages of alerts: what was told and whether it arrived, a person's choice, rooms and programs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.permissions import Role
from integrations.sync.alerts import delivery, ways
from integrations.sync.alerts.recipients import address
from integrations.sync.alerts.ways import SendFailed
from integrations.sync.models import Alert, AlertChannel, AlertChoice, AlertDelivery, Connection
from tests.signed_in import ClientAs, SignedIn

HOOK = "https://hooks.aldervale.example/in/3f9c27d1b6a84e05"


def test_the_list_says_what_happened_and_whether_it_arrived(admin: SignedIn, calm: Connection, text: Any) -> None:
    told(calm, "sign-in")
    AlertDelivery.objects.update(tries=2, error="The mail server did not take it (OSError).")

    page = text(admin.get("/alerts/"))

    assert "Needs sign-in" in page
    assert f'href="/connections/{calm.slug}/"' in page
    assert admin.user.email in page
    assert "The mail server did not take it (OSError). 2 tries" in page


def test_it_is_filtered_by_what_and_connection(admin: SignedIn, calm: Connection) -> None:
    told(calm, "sign-in")
    told(calm, "quota")

    def found(query: str) -> list[str]:
        return [line["alert"].event for line in admin.get(f"/alerts/?{query}").context["lines"]]

    assert found("") == ["quota", "sign-in"]
    assert found("event=quota") == ["quota"]
    assert found(f"connection={calm.slug}&event=held") == []
    assert found("connection=elsewhere") == []


def test_who_may_not_see_people_sees_only_their_own_address(
    client_as: ClientAs, admin: SignedIn, calm: Connection, text: Any
) -> None:
    csm = client_as(Role.CSM)
    AlertChoice.objects.create(user=csm.user, events=["sign-in"])
    told(calm, "sign-in")

    page = text(csm.get("/alerts/"))

    assert csm.user.email in page
    assert admin.user.email not in page


def test_it_costs_the_same_for_one_and_three(
    admin: SignedIn, calm: Connection, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    told(calm, "sign-in")
    with django_assert_max_num_queries(100) as first:
        admin.get("/alerts/")
    told(calm, "quota")
    told(calm, "held")
    with django_assert_max_num_queries(len(first)):
        assert len(admin.get("/alerts/").context["lines"]) == 3


def test_a_choice_for_all_and_one_for_a_connection(client_as: ClientAs, calm: Connection) -> None:
    csm = client_as(Role.CSM)
    here = f"/alerts/mine/?connection={calm.slug}"
    assert csm.get("/alerts/mine/").context["form"].initial["events"] == []

    csm.post("/alerts/mine/", {"events": ["held", "quota"]})
    assert csm.get(here).context["form"].initial["events"] == ["held", "quota"]
    csm.post(here, {"events": []})
    assert csm.get(here).context["form"].initial["events"] == []
    assert AlertChoice.objects.count() == 2

    csm.post(here, {"forget": "1"})
    assert csm.get(here).context["form"].initial["events"] == ["held", "quota"]


def test_an_admin_adds_a_channel_whose_address_is_never_shown_again(
    admin: SignedIn, calm: Connection, text: Any
) -> None:
    admin.post("/alerts/channels/", {"name": "Ops room", "url": HOOK, "events": ["held"]})

    page = text(admin.get("/alerts/channels/"))

    assert "https://hooks.aldervale.example/…4e05" in page
    assert HOOK not in page
    assert "3f9c27d1b6a84e05" not in str(AuditEntry.objects.values_list())
    assert AuditEntry.objects.filter(verb="created", label="Ops room").exists()


@pytest.mark.parametrize("url", ["http://hooks.aldervale.example/x", "https://10.0.0.7/x", "https://[::1]/", "nothing"])
def test_an_address_inside_is_refused(admin: SignedIn, calm: Connection, url: str, text: Any) -> None:
    answer = admin.post("/alerts/channels/", {"name": "Ops room", "url": url, "events": ["held"]})

    assert answer.status_code == 422
    assert answer.context["form"].errors["url"]
    assert not AlertChannel.objects.exists()


def test_a_test_is_sent_and_its_failure_said(
    admin: SignedIn, calm: Connection, text: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.post("/alerts/channels/", {"name": "Ops room", "url": HOOK, "events": ["held"]})
    channel, sent = AlertChannel.objects.get(), []
    monkeypatch.setattr(ways.Session, "send", lambda _, request: sent.append(request.url))

    taken = admin.post(f"/alerts/channels/{channel.pk}/test/", follow=True)

    assert sent == [HOOK]
    assert "Ops room has taken the test" in text(taken)

    def refuse(*_: Any) -> None:
        raise SendFailed("The webhook did not take it (HTTP 404).")

    monkeypatch.setattr(delivery.ways, "channel", refuse)
    refused = admin.post(f"/alerts/channels/{channel.pk}/test/", follow=True)
    assert "The webhook did not take it (HTTP 404)." in text(refused)


def test_a_removed_channel_is_told_nothing_and_what_it_was_told_stays(admin: SignedIn, calm: Connection) -> None:
    admin.post("/alerts/channels/", {"name": "Ops room", "url": HOOK, "events": ["held", "quota"]})
    told(calm, "held")

    admin.post(f"/alerts/channels/{AlertChannel.objects.get().pk}/remove/")
    told(calm, "quota")

    assert AlertDelivery.objects.filter(to="Ops room").count() == 1


def told(connection: Connection, event: str) -> None:
    details = {"run": 7} if event == "held" else {}
    address([Alert.objects.create(connection=connection, event=event, at=timezone.now(), details=details)])
