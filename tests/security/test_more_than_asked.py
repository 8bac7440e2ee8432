"""8.2.3, 15.3.3: fields that a form does not offer are ignored, whoever posts them and wherever."""

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.forms.models import model_to_dict
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from integrations.hub.models import Stage
from integrations.salesforce.models import SalesforceConnection
from integrations.sync.models import Connection, RecordLink, Run
from tests.factories import PASSWORD, TeamFactory, UserFactory
from tests.pages.factories import LinkFactory, PreviewFactory, RunFactory
from tests.security.marked import MarkedSalesforce
from tests.security.syncing import by_app
from tests.signed_in import ClientAs, SignedIn

pytestmark = pytest.mark.django_db

MORE: dict[str, Any] = {
    "role": "admin", "is_staff": "1", "is_superuser": "on", "is_active": "on", "password": "chosen-by-me-42-x", "id": "1", "pk": "1",
    "state": "on", "version": "99", "connection_id": "1", "connection": "1", "system": "elsewhere", "web_url": "https://evil.example",
    "slug": "stolen", "organization_id": "00D000000000001EAA", "account": "Mallory", "organisation": "Mallory & Co",
    "wizard_step": "review", "next_run_at": "2001-01-01", "credentials": "x", "health": "ok", "email": "mallory@evil.example",
    "last_seen": "2001-01-01", "requested_by": "Mallory", "actor": "Mallory", "order": "0", "created_at": "2001-01-01",
}  # fmt: skip


RAW = (
    "accounts.User", "accounts.AuditEntry", "sync.Connection", "sync.ConnectionState", "sync.Run", "sync.Version",
    "salesforce.SalesforceConnection", "django_q.Schedule", "django_q.Success", "django_q.Failure",
    *(["django_q.OrmQ"] if "orm" in settings.Q_CLUSTER else []),
)  # fmt: skip
"""django-q2 shows its table of queued tasks only where that is the broker."""


def stored(row: Any) -> dict[str, Any]:
    return {
        field.attname: getattr(type(row).objects.get(pk=row.pk), field.attname) for field in row._meta.concrete_fields
    }


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name, value in after.items() if before[name] != value}


@pytest.mark.parametrize("role", list(Role))
def test_own_name_is_all_that_anybody_changes_of_themselves(client_as: ClientAs, role: Role) -> None:
    browser = client_as(role)
    before = stored(browser.user)

    browser.post(reverse("accounts:me"), MORE | {"name": "New Name"})

    assert changed(before, stored(browser.user)) - {"last_seen"} == {"name"}


def test_person_is_added_with_the_offered_fields_only(admin: SignedIn) -> None:
    admin.post(reverse("accounts:add_person"), MORE | {"name": "Ada", "email": "ada@aldervale.example", "role": "csm"})

    ada = User.objects.get(email="ada@aldervale.example")
    assert ada.role == Role.CSM
    assert not ada.check_password(MORE["password"])
    assert ada.pk != 1


def test_person_keeps_e_mail_and_password_whoever_edits_them(admin: SignedIn) -> None:
    person = UserFactory.create(role=Role.CSM)
    before = stored(person)

    admin.post(reverse("accounts:person", args=[person.pk]), MORE | {"name": "New Name", "role": "support"})

    assert changed(before, stored(person)) == {"name", "role"}
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)


def test_unknown_role_is_refused(admin: SignedIn) -> None:
    person = UserFactory.create(role=Role.CSM)

    admin.post(reverse("accounts:person", args=[person.pk]), {"name": "X", "role": "superuser", "is_active": "on"})

    assert User.objects.get(pk=person.pk).role == Role.CSM


def test_schedule_changes_the_schedule_only(admin: SignedIn, connection: SalesforceConnection) -> None:
    before = stored(connection)
    version = connection.version

    admin.post(
        reverse("sync:connection", args=[connection.slug]),
        MORE | {"name": "Renamed", "every_minutes": "30", "full_every_hours": "48"},
    )

    moved = changed(before, stored(connection)) - {"updated_at"}
    assert moved <= {"name", "every_minutes", "full_every_hours", "order", "version"}
    assert Connection.objects.get(pk=connection.pk).version == version + 1


def test_sign_in_takes_account_and_organisation_from_salesforce(admin: SignedIn, crm: MarkedSalesforce) -> None:
    admin.post(reverse("salesforce:start"), by_app(crm) | {name: v for name, v in MORE.items() if name != "password"})

    made = SalesforceConnection.objects.get()
    assert (made.state, made.version, made.system, made.slug) == ("draft", 1, "salesforce", "aldervale")
    assert (made.account, made.web_url) == ("Inès Moreau", crm.base_url)
    assert made.organization_id != MORE["organization_id"]


@pytest.mark.parametrize("step", ["scope", "customers", "contacts", "review"])
def test_steps_change_what_they_show_only(admin: SignedIn, connection: SalesforceConnection, step: str) -> None:
    SalesforceConnection.objects.filter(pk=connection.pk).update(state="paused")
    before = stored(connection)

    admin.post(reverse("salesforce:wizard", args=[connection.slug, step]), MORE | {"do": "continue"})

    protected = {
        "system",
        "slug",
        "web_url",
        "state",
        "account",
        "organisation",
        "organization_id",
        "id",
        "order",
        "client_id",
    }
    after = stored(connection)
    assert not changed(before, after) & protected
    assert after["version"] <= before["version"] + 1


def test_run_is_asked_for_by_its_kind_only(
    client_as: ClientAs, connection: SalesforceConnection, admin: SignedIn
) -> None:
    admin.post(reverse("sync:sync-now", args=[connection.slug]), MORE | {"kind": "apply"})

    run = Run.objects.get()
    assert (run.state, run.kind, run.requested_by, run.connection_id) == (
        "queued",
        "first",
        "Inès Moreau",
        connection.pk,
    )


def test_retry_stays_within_its_connection(admin: SignedIn, connection: SalesforceConnection) -> None:
    theirs = LinkFactory.create(source_id="001A", source_hash="kept")
    own = LinkFactory.create(connection=connection, source_id="001B", source_hash="kept", state="failing")

    admin.post(
        reverse("sync:retry"), {"connection": connection.slug, "object": "customers", "source_id": ["001A", "001B"]}
    )

    assert RecordLink.objects.get(pk=theirs.pk).source_hash == "kept"
    assert RecordLink.objects.get(pk=own.pk).source_hash == ""


def test_run_that_is_no_preview_cannot_be_applied_or_discarded(admin: SignedIn) -> None:
    real, preview = RunFactory.create(), PreviewFactory.create(state="failed")

    answers = [admin.post(reverse("sync:run-apply", args=[run.pk]), MORE) for run in (real, preview)]
    gone = admin.post(reverse("sync:run-discard", args=[real.pk]), MORE)

    assert [answer.status_code for answer in answers] == [302, 302]
    assert gone.status_code == 404
    assert Run.objects.count() == 2


def test_team_takes_name_and_members_only(admin: SignedIn) -> None:
    team = TeamFactory.create(name="North")

    admin.post(reverse("accounts:team", args=[team.pk]), MORE | {"name": "South"})

    team.refresh_from_db()
    assert model_to_dict(team, fields=["name"]) == {"name": "South"}


def test_raw_rows_of_people_connections_and_queue_take_no_change(
    admin: SignedIn, connection: SalesforceConnection
) -> None:
    """Whoever could write a task of the queue could run any function of the process."""
    answers = []
    for label in RAW:
        model = apps.get_model(label)
        address = f"admin:{label.replace('.', '_').lower()}"
        row, number = model._base_manager.first(), model._base_manager.count()
        chosen = {"action": "delete_selected", "_selected_action": [row.pk if row else 1], "post": "yes"}

        answers.append(admin.post(reverse(f"{address}_add"), MORE | {"func": "os.system", "args": "'true'"}))
        answers += [admin.post(reverse(f"{address}_{act}", args=[row.pk]), MORE) for act in ("change", "delete") if row]
        admin.post(reverse(f"{address}_changelist"), chosen)

        assert model._base_manager.count() == number, label

    assert {answer.status_code for answer in answers} == {403}


def test_raw_stage_takes_its_own_columns(admin: SignedIn) -> None:
    stage = Stage.objects.get(is_default=True)

    admin.post(
        reverse("admin:hub_stage_change", args=[stage.pk]),
        MORE | {"name": "churn", "label": "Start", "position": "1", "is_default": "on"},
    )

    assert Stage.objects.get(pk=stage.pk).name == stage.name
