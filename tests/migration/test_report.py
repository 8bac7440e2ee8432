"""The day, the board for the room, and the report: frozen by the first signature, closed by an Admin, unchanged for ever."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from accounts.permissions import Role
from integrations.hub.models import Customer
from integrations.migration import checking, report, sums
from integrations.migration.chapters import all_steps
from integrations.migration.models import Move, Override, Presence, Signature, Stay, StepState
from integrations.migration.steps import ActRefused
from tests.migration.late_worlds import kept, moving, stage_a
from tests.signed_in import ClientAs

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R222")]


@pytest.fixture
def move() -> Move:
    return moving(2)


def meet_all(move: Move) -> None:
    for step in all_steps():
        told = {"state": "verified", "said": "It holds.", "measured_at": timezone.now()}
        if step.is_signed:
            told |= {"signed_by": "Tom", "signed_at": timezone.now()}
        StepState.objects.update_or_create(move=move, step=step.key, defaults=told)


@pytest.fixture
def met(move: Move, monkeypatch: pytest.MonkeyPatch) -> Move:
    """Every step is met, and measuring once more says the same."""
    meet_all(move)
    monkeypatch.setattr(checking, "check_all", lambda *_asked: [])
    return move


def at(move: Move, name: str = "report", *more: Any) -> str:
    return reverse(f"migration:{name}", args=[move.pk, *more])


# --- The report


def test_everything_is_in_it(met: Move, admin_user: User, client_as: ClientAs) -> None:
    kept(met, admin_user)
    run = stage_a(met)
    Override.objects.create(move=met, gate="b", reason="They are known", missing=[["Number", "2 of 3"]], by="Inès")
    Stay.objects.create(move=met, hub_id=1, name="Saffron Rail", reason="closed down", by="Tom")

    page = client_as(Role.SUPPORT).get(at(met)).content.decode()

    for told in ("They are known", "2 of 3", "Saffron Rail", "closed down", f"Run {run.pk}", "200.00 EUR", "It holds."):
        assert told in page
    assert "Nobody has signed yet" in page


@pytest.mark.requirement("C25")
def test_what_is_signed_never_changes(met: Move, admin_user: User, client_as: ClientAs) -> None:
    Stay.objects.create(move=met, hub_id=1, name="Saffron Rail", reason="closed down", by="Tom")
    client, admin = client_as(Role.CSM), client_as(admin_user)
    client.post(at(met, "report-sign"), {"said": "looks right"})
    admin.post(at(met, "report-sign"))
    met.refresh_from_db()
    signed = met.report
    admin.post(at(met, "report-close"))
    met.refresh_from_db()
    assert (met.state, met.closed_by) == (Move.State.SIGNED, "Inès Moreau")

    Customer.objects.update(name="Renamed")
    Stay.objects.update(name="Renamed")
    StepState.objects.update(said="Something else")
    User.objects.filter(pk=client.user.pk).update(name="Renamed")

    met.refresh_from_db()
    page = admin.get(at(met)).content.decode()
    assert met.report == signed
    assert "Renamed" not in page
    assert "Saffron Rail" in page
    assert "looks right" in page
    file = b"".join(admin.get(at(met, "checklist"))).decode()
    assert "Something else" not in file


@pytest.mark.requirement("R224")
def test_nobody_closes_what_is_not_met(met: Move, admin_user: User, client_as: ClientAs) -> None:
    StepState.objects.filter(move=met, step="count").update(state="failed")
    client = client_as(admin_user)
    client.post(at(met, "report-sign"))

    page = client.post(at(met, "report-close"), follow=True).content.decode()

    met.refresh_from_db()
    assert met.is_open
    assert "Still missing: 7.1" in page
    assert report.missing(met) == ["7.1 The number of customers is as expected"]


@pytest.mark.requirement("R224")
def test_a_gate_that_was_opened_excuses_its_steps(met: Move, admin_user: User) -> None:
    StepState.objects.filter(move=met, step="count").update(state="failed")
    Override.objects.create(move=met, gate="b", reason="They are known", steps=["count"], by="Inès")
    report.sign(met, admin_user, "")
    report.close(met, admin_user)
    met.refresh_from_db()
    told = [step for chapter in met.report["chapters"] for step in chapter["steps"] if step["excuse"]]
    assert [step["key"] for step in told] == ["count"]
    assert met.state == Move.State.SIGNED


def test_nobody_closes_unsigned_or_another_text(met: Move, admin_user: User) -> None:
    with pytest.raises(ActRefused, match="Nobody has signed"):
        report.close(met, admin_user)
    report.sign(met, admin_user, "")
    Stay.objects.create(move=met, hub_id=1, name="Saffron Rail", reason="closed down", by="Tom")
    with pytest.raises(ActRefused, match="something else"):
        report.close(met, admin_user)
    report.anew(met, admin_user)
    assert Signature.objects.count() == 0
    report.sign(Move.objects.get(pk=met.pk), admin_user, "")
    report.close(met, admin_user)
    assert AuditEntry.objects.filter(verb="closed a move").count() == 1


def test_a_signature_is_taken_back_and_the_last_one_thaws_it(met: Move, admin_user: User, client_as: ClientAs) -> None:
    client = client_as(Role.CSM)
    client.post(at(met, "report-sign"))
    client.post(at(met, "report-sign"), {"said": "again"})
    assert Signature.objects.get().said == "again"
    client_as(admin_user).post(at(met, "report-unsign"))
    assert Signature.objects.count() == 1

    client.post(at(met, "report-unsign"))

    met.refresh_from_db()
    assert (Signature.objects.count(), met.report) == (0, {})


@pytest.mark.requirement("R205")
def test_after_it_is_closed_every_view_refuses(met: Move, admin_user: User, client_as: ClientAs) -> None:
    report.sign(met, admin_user, "")
    report.close(met, admin_user)
    client = client_as(admin_user)
    before = [list(model.objects.values()) for model in (Move, StepState, Signature, Override)]
    posts = [
        at(met, name) for name in ("report-sign", "report-unsign", "report-anew", "report-close", "snapshot-restore", "day",
                                   "tools", "check-all", "confirm", "stop")
    ]  # fmt: skip
    posts += [
        at(met, "check", "count"),
        at(met, "sign", "team"),
        at(met, "act", "count", "expect"),
        at(met, "tool", "none"),
    ]

    for url in posts:
        assert client.post(url, {"name": "x", "what": "all"}).status_code in {302, 403, 404}, url

    assert [list(model.objects.values()) for model in (Move, StepState, Signature, Override)] == before
    assert client.get(at(met)).status_code == 200


def test_report_asks_the_same_for_one_row_and_for_three(met: Move, client_as: ClientAs) -> None:
    client, numbers = client_as(Role.CSM), []
    client.get(at(met))
    for number in (1, 3):
        for n in range(number):
            Stay.objects.get_or_create(move=met, hub_id=n, defaults={"name": f"S{n}", "reason": "x", "by": "Tom"})
            Signature.objects.create(move=met, name=f"P{n}")
        with CaptureQueriesContext(database) as asked:
            client.get(at(met))
        numbers.append(len(asked))
    assert numbers[0] == numbers[1]


@pytest.mark.requirement("R234")
def test_checklist_as_a_file(met: Move, client_as: ClientAs) -> None:
    StepState.objects.filter(step="team").update(signed_by="=Tom", note="20 of 20")
    answer = client_as(Role.SUPPORT).get(at(met, "checklist"))
    lines = b"".join(answer).decode().splitlines()
    assert len(lines) == 1 + len(list(all_steps()))
    assert any("'=Tom" in line and "20 of 20" in line for line in lines)


# --- The day and the room


@pytest.mark.requirement("R221")
def test_day_is_planned_and_goes_into_calendars(
    move: Move, admin_user: User, client_as: ClientAs, settings: Any
) -> None:
    settings.TIME_ZONE = "Europe/Paris"
    client = client_as(admin_user)
    assert client.get(at(move, "day-calendar")).status_code == 302
    people = 'Ana Ruiz; "IT", très loin <ana@aldervale.example>\nTom Okafor\n' + "x" * 120 + " <x@aldervale.example>"
    with timezone.override(ZoneInfo("Europe/Paris")):
        client.post(at(move, "day"), {"day": "2026-11-20T09:30", "attendees": people})
    move.refresh_from_db()
    assert move.day == datetime(2026, 11, 20, 9, 30, tzinfo=timezone.get_default_timezone())
    assert len(move.attendees) == 3

    file = client.get(at(move, "day-calendar")).content.decode()

    assert all(len(line.encode()) <= 75 for line in file.split("\r\n"))
    unfolded = file.replace("\r\n ", "")
    assert f"DTSTART:{move.day.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}" in unfolded
    assert re.findall("mailto:(.+)", unfolded.replace("\r", "")) == ["ana@aldervale.example", "x@aldervale.example"]
    assert "SUMMARY:Move from Pipedrive to HubSpot" in unfolded
    assert file.endswith("END:VCALENDAR\r\n")


@pytest.mark.requirement("R221")
@pytest.mark.parametrize(
    "day", ["soon", "2026-13-01T09:30", "99999-01-01T00:00", "9999-12-31T23:59", "0001-01-01T00:00"]
)
def test_a_day_that_is_none_loses_nothing(move: Move, admin_user: User, client_as: ClientAs, day: str) -> None:
    answer = client_as(admin_user).post(at(move, "day"), {"day": day, "attendees": "Tom Okafor"})
    assert (answer.status_code, "Tom Okafor" in answer.content.decode()) == (422, True)
    many = client_as(admin_user).post(at(move, "day"), {"day": "", "attendees": "Tom Okafor\n" * 51})
    assert (many.status_code, many.content.decode().count("Tom Okafor")) == (422, 51)


@pytest.mark.requirement("R221", "R234")
def test_room_shows_every_step_and_who_is_where(met: Move, client_as: ClientAs) -> None:
    one, two = client_as(Role.CSM), client_as(Role.MANAGER)
    Presence.objects.create(move=met, user=two.user, chapter="tools", seen_at=timezone.now())

    page = one.get(at(met, "room")).content.decode()

    assert all(str(step.title) in page.replace("&#x27;", "'") for step in all_steps())
    assert f"Here: {two.user.label}" in page
    assert Presence.objects.count() == 1
    live = one.get(at(met, "room-live")).content.decode()
    assert "<html" not in live
    with CaptureQueriesContext(database) as first:
        one.get(at(met, "room-live"))
    StepState.objects.all().delete()
    with CaptureQueriesContext(database) as second:
        one.get(at(met, "room-live"))
    assert len(first) == len(second)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.CSM, Role.SUPPORT])
def test_pages_have_nothing_inline_and_a_name_for_each_button(
    move: Move, client_as: ClientAs, role: Role, admin_user: User
) -> None:
    kept(move, admin_user)
    stage_a(move)
    client = client_as(role)
    names = ["report", "day", "room", "tools", *(["snapshot"] if role is Role.ADMIN else [])]
    pages = [at(move, name) for name in names] + [at(move, "list", "here", key) for key in sums.HERE]
    pages += [at(move, "list", "there", key) for key in sums.THERE] + [
        at(move, "list", "check", key) for key in ("twins", "changed", "no-id")
    ]
    for url in pages:
        text = client.get(url).content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", text), url
        assert not re.search(r"<button[^>]*>\s*(<svg.*?</svg>)?\s*</button>", text), url
    assert client.get(at(move, "list", "here", "nobody")).status_code == 404
