"""Every page of this part: one number of statements for 1 and 3 rows, nothing inline, names for what is clicked."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.permissions import Permission, mark_of
from integrations.sync.models import Connection
from integrations.sync.run_urls import urlpatterns
from tests.pages.factories import (
    ChangeFactory,
    ContactFactory,
    CustomerFactory,
    LineFactory,
    LinkFactory,
    PlannedFactory,
    PreviewFactory,
    RefusalFactory,
    RunFactory,
    TotalFactory,
    WriteFactory,
)
from tests.signed_in import SignedIn

STATEMENTS = {
    "/": 18,
    "/needs/": 11,
    "/runs/": 10,
    "/runs/{run}/": 19,
    "/runs/{run}/calls/": 10,
    "/runs/{held}/": 22,
    "/runs/{live}/": 14,
    "/runs/{live}/live/": 3,
    "/runs/{preview}/preview/": 30,
    "/log/": 16,
    "/log/?q=a": 21,
    "/connections/paper/records/customers/?state=failing": 19,
    "/connections/paper/records/customers/?state=unsent": 20,
    "/explain/?q=a": 12,
    "/explain/?hub=customers-{customer}": 22,
    # A queue in the database is counted there; Redis is asked elsewhere.
    "/workers/": 11 if "orm" in settings.Q_CLUSTER else 10,
}


@pytest.fixture
def world(calm: Connection) -> Callable[[int], dict[str, Any]]:
    def fill(number: int) -> dict[str, Any]:
        run = RunFactory.create(connection=calm)
        held = RunFactory.create(connection=calm, state="held", kind="delta", reason_code="brake-churned")
        live = RunFactory.create(connection=calm, state="running", phase="read", finished_at=None)
        preview = PreviewFactory.create(connection=calm)
        for n in range(number):
            customer, contact = CustomerFactory.create(name=f"Aa {n}"), ContactFactory.create()
            LinkFactory.create(connection=calm, name=f"Aa {n}", hub_id=customer.pk, source_id=f"L{n}")
            LinkFactory.create(
                connection=calm, name=f"Aa {n}", state="failing", reason_code=["too-long", "rivals"][n % 2]
            )
            LinkFactory.create(connection=calm, object="contacts", customer_id=f"L{n}", hub_id=contact.pk)
            WriteFactory.create(connection=calm, hub_id=customer.pk, source_id=f"L{n}", error_code=["A", "B"][n % 2])
            ChangeFactory.create(of=run, hub_id=customer.pk, action="link", source_id=f"L{n}")
            RefusalFactory.create(of=run, object="contacts", hub_id=contact.pk)
            PlannedFactory.create(of=held, is_held=True, action="churn", hub_id=customer.pk)
            PlannedFactory.create(of=preview, hub_id=customer.pk)
            PlannedFactory.create(of=preview, object="contacts", hub_id=contact.pk)
            PlannedFactory.create(of=preview, action="exclude", reason_code=["out-of-scope", "no-customer"][n % 2])
            LineFactory.create(block=calm.blocks.first(), suspended_at=timezone.now())
            TotalFactory.create(connection_id=calm.pk, action=["create", "update", "link"][n])
        return {"run": run.pk, "held": held.pk, "live": live.pk, "preview": preview.pk, "customer": customer.pk}

    return fill


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("page", STATEMENTS)
def test_costs_the_same_for_any_number_of_rows(
    admin: SignedIn,
    world: Callable[[int], dict[str, Any]],
    django_assert_num_queries: Callable[..., Any],
    page: str,
    number: int,
) -> None:
    address = page.format(**world(number))
    # The first page of a session notes that the person was seen; that is another part's statement.
    admin.get("/people/me/")

    with django_assert_num_queries(STATEMENTS[page]):
        assert admin.get(address).status_code == 200


def test_nothing_is_inline_and_every_icon_button_has_a_name(
    admin: SignedIn, world: Callable[[int], dict[str, Any]]
) -> None:
    ids = world(3)

    pages = {page: admin.get(page.format(**ids)).content.decode() for page in STATEMENTS}

    inline = r"<[^>]*\s(?:style|on\w+)=|<style|<script(?![^>]*\ssrc=)[^>]*>|href=\"#\""
    assert {page: re.findall(inline, html) for page, html in pages.items() if re.findall(inline, html)} == {}
    nameless = r"<(?:a|button)[^>]*btn-icon(?![^>]*aria-label)[^>]*>"
    assert {page: re.findall(nameless, html) for page, html in pages.items() if re.findall(nameless, html)} == {}


def test_every_form_that_changes_something_carries_its_token(
    admin: SignedIn, world: Callable[[int], dict[str, Any]]
) -> None:
    ids = world(1)

    for page in STATEMENTS:
        html = admin.get(page.format(**ids)).content.decode()
        assert html.count('method="post"') == html.count("csrfmiddlewaretoken"), page


def test_every_address_names_what_it_asks() -> None:
    asked = {
        p.name: (mark_of(p.callback, "required_permission"), mark_of(p.callback, "is_public")) for p in urlpatterns
    }

    assert [name for name, (permission, is_public) in asked.items() if not permission and not is_public] == []
    assert [name for name, (_permission, is_public) in asked.items() if is_public] == ["healthz"]
    changing = {
        name for name, (permission, _p) in asked.items() if permission in {Permission.RUN_SYNC, Permission.RETRY}
    }
    assert changing == {
        "sync-all", "run-cancel", "run-try-now", "run-apply", "run-discard", "run-release", "run-drop", "sync-now", "retry", "run-retry",
    }  # fmt: skip
