"""Errors that began with a version: marked in its line of the list, and on the page of a run that had them."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from integrations.sync.models import Connection, Run, Version
from tests.pages.factories import RunFactory
from tests.signed_in import ClientAs, SignedIn

pytestmark = pytest.mark.requirement("E9")


@pytest.fixture
def versioned(calm: Connection, admin_user: User) -> Connection:
    for number in (1, 2, 3):
        data = {"name": "Paper", "system": "paper", "options": {}, "settings": {}, "blocks": {}}
        Version.objects.create(connection=calm, number=number, author_name="Inès Moreau", data=data)
    return calm


def ran(connection: Connection, version: int, refused: int = 0, **columns: Any) -> Run:
    counts = {"customers.read": 9, "customers.refuse": refused}
    return RunFactory.create(connection=connection, version=version, counts=counts, **columns)


def marked(client: SignedIn, connection: Connection) -> dict[int, str]:
    lines = client.get(reverse("sync:versions", args=[connection.slug])).context["lines"]
    return {line.version.number: line.onset for line in lines if line.onset}


def test_version_with_which_errors_began_is_marked_and_no_other(admin: SignedIn, versioned: Connection) -> None:
    ran(versioned, 1)
    ran(versioned, 2)
    ran(versioned, 2, refused=7)
    ran(versioned, 3, refused=7)

    assert marked(admin, versioned) == {
        2: "Errors began with this version: 1 of its first 2 runs. Refused in one run: up to 7 records. Before: none."
    }


def test_records_that_the_crm_refuses_are_errors_too(admin: SignedIn, versioned: Connection) -> None:
    ran(versioned, 1)
    RunFactory.create(connection=versioned, version=3, counts={"customers.push": 4, "customers.sent.refused": 4})

    assert list(marked(admin, versioned)) == [3]


def test_version_after_which_errors_rose_is_marked(admin: SignedIn, versioned: Connection) -> None:
    ran(versioned, 1, refused=2)
    ran(versioned, 2, refused=40)

    assert marked(admin, versioned) == {
        2: "Errors rose with this version: 1 of its first 1 run. Refused in one run: up to 40 records. Before: up to 2."
    }


def test_a_lost_sign_in_a_cancelled_run_and_a_preview_are_no_errors_of_a_version(
    admin: SignedIn, versioned: Connection
) -> None:
    ran(versioned, 1)
    ran(versioned, 2, state="failed", reason_code="needs-sign-in")
    ran(versioned, 2, state="cancelled", refused=3)
    ran(versioned, 2, kind="preview", slot="preview", refused=3)

    assert marked(admin, versioned) == {}


def test_only_the_ends_of_a_version_are_looked_at(
    admin: SignedIn, versioned: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.sync.onsets.SAMPLE", 2)
    for refused in (9, 0, 0):
        ran(versioned, 1, refused=refused)
    for refused in (0, 3, 50):
        ran(versioned, 2, refused=refused)

    [said] = marked(admin, versioned).values()

    assert said.startswith(
        "Errors began with this version: 1 of its first 2 runs. Refused in one run: up to 3 records."
    )


def test_run_under_it_says_so_with_the_ways_to_the_difference_and_back(
    admin: SignedIn, versioned: Connection, text: Any
) -> None:
    ran(versioned, 1)
    Connection.objects.filter(pk=versioned.pk).update(version=2)
    run = ran(versioned, 2, state="failed", reason_code="misconfigured")

    page = text(admin.get(f"/runs/{run.pk}/"))

    assert (
        "Errors began with version 2. 1 run failed. Before: none.</span> Version 2 was saved by Inès Moreau on" in page
    )
    assert 'href="/connections/paper/versions/?page=1#version-2">See what changed' in page
    assert 'id="version-2"' in text(admin.get("/connections/paper/versions/?page=1"))
    assert 'href="/connections/paper/versions/1/restore/"' in page


def test_run_without_errors_or_under_a_later_version_says_nothing(admin: SignedIn, versioned: Connection) -> None:
    ran(versioned, 1)
    ran(versioned, 2, refused=7)
    runs = [ran(versioned, 2), ran(versioned, 3, refused=7)]

    assert ["onset" in admin.get(f"/runs/{run.pk}/").context for run in runs] == [False, False]


def test_version_that_is_no_longer_in_use_is_not_gone_back_behind(admin: SignedIn, versioned: Connection) -> None:
    ran(versioned, 1)
    Connection.objects.filter(pk=versioned.pk).update(version=3)
    run = ran(versioned, 2, refused=7)

    page = admin.get(f"/runs/{run.pk}/")

    assert (page.context["onset"].version.number, page.context["onset"].is_open) == (2, False)
    assert "/restore/" not in page.content.decode()


@pytest.mark.parametrize(
    ("went", "is_said"),
    [
        ([0, 7], True),  # One of the first.
        ([7, 0, 0, 7], False),  # Others went well in between.
        ([7, 7, 7, 7], True),
        ([0, 7, 7, 7], True),
        ([0, 0, 7, 7], False),  # Of the first none had any.
        ([7] * 6, False),  # Too long ago to look at every one.
    ],
)
def test_late_run_is_laid_to_the_version_only_where_its_errors_never_ceased(
    admin: SignedIn, versioned: Connection, monkeypatch: pytest.MonkeyPatch, went: list[int], *, is_said: bool
) -> None:
    monkeypatch.setattr("integrations.sync.onsets.SAMPLE", 2)
    monkeypatch.setattr("integrations.sync.onsets.BETWEEN", 2)
    ran(versioned, 1)
    ran(versioned, 1, kind="delta")
    # Another sort of run says nothing of this one.
    ran(versioned, 2, kind="delta", refused=7)
    ran(versioned, 2, kind="delta")
    *_others, run = [ran(versioned, 2, refused=refused) for refused in went]

    assert ("onset" in admin.get(f"/runs/{run.pk}/").context) is is_said


@pytest.mark.parametrize(
    ("code", "params"),
    [("stuck", {}), ("view-gone", {"code": "view-gone"}), ("misconfigured", {"code": "view-unusable"})],
)
def test_what_no_version_causes_is_laid_to_none(
    admin: SignedIn, versioned: Connection, code: str, params: dict[str, str]
) -> None:
    ran(versioned, 1)
    run = ran(versioned, 2, state="failed", reason_code=code, reason_params=params)

    assert marked(admin, versioned) == {}
    assert "onset" not in admin.get(f"/runs/{run.pk}/").context


def test_who_may_not_edit_sees_no_way_back(client_as: ClientAs, versioned: Connection, text: Any) -> None:
    ran(versioned, 1)
    run = ran(versioned, 2, refused=7)

    page = text(client_as(Role.CSM).get(f"/runs/{run.pk}/"))

    assert "Errors began with version 2." in page
    assert "/restore/" not in page


@pytest.mark.parametrize("number", [1, 3])
def test_run_page_costs_the_same_for_any_number_of_runs_and_versions(
    admin: SignedIn, versioned: Connection, number: int, django_assert_num_queries: Any
) -> None:
    for _ in range(number):
        ran(versioned, 1)
    runs = [ran(versioned, 2, refused=7) for _ in range(number)]

    with django_assert_num_queries(18):
        admin.get(f"/runs/{runs[0].pk}/")
