"""2.4.1, 16.5.1: whatever an address asks for, the answer is a page with words, in bounded time; never an error of ours."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from integrations.hub.models import CsmOwner, HealthProfile
from tests.factories import TeamFactory
from tests.pages.factories import (
    BlockFactory,
    ChangeFactory,
    ConnectionFactory,
    ContactFactory,
    CustomerFactory,
    LinkFactory,
    PlannedFactory,
    PreviewFactory,
    RefusalFactory,
    RunFactory,
    StateFactory,
)
from tests.signed_in import ClientAs, SignedIn

pytestmark = pytest.mark.django_db

HUGE = "9" * 5000
ODD = (
    "-1", "NaN", HUGE, "9" * 19, "٣", "x' OR '1'='1", "a\0b", b"\xed\xa0\x80", "9999-12-31", "0001-01-01", "x" * 10_000,
    f"customers-{HUGE}", "%",
)  # fmt: skip
"""Asked of every name by itself."""
ODDER = (
    "", "0", "1.5", "Infinity", "None", "9" * 40, "²", "\\", "\u202eabc", "😀" * 50, "<script>", "{{7*7}}", "2026-02-30",
    "10000-01-01", "2026-11-25", "-name", "customers-1", "linked", "erases", "parents",
)  # fmt: skip
"""Asked of all names at once."""
LONGEST_STATEMENT = 20_000


@pytest.fixture
def world(admin_user: User) -> dict[str, list[object]]:
    """Two of everything, and what each address names of it."""
    connection = ConnectionFactory.create(name="Paper", slug="paper")
    StateFactory.create(connection=connection)
    for name in ("customers", "contacts"):
        BlockFactory.create(connection=connection, object=name)
    run, preview = RunFactory.create(connection=connection), PreviewFactory.create(connection=connection)
    HealthProfile.objects.create(name="Enterprise")
    CsmOwner.objects.create(email="ada@aldervale.example")
    TeamFactory.create()
    for customer in CustomerFactory.create_batch(2):
        contact = ContactFactory.create(customer=customer)
        LinkFactory.create(connection=connection, hub_id=customer.pk)
        ChangeFactory.create(of=run, hub_id=customer.pk)
        RefusalFactory.create(of=run, object="contacts", hub_id=contact.pk)
        PlannedFactory.create(of=preview)
    return {
        "sync:run": [run.pk], "sync:run-live": [run.pk], "sync:preview": [preview.pk], "sync:connection": ["paper"],
        "sync:versions": ["paper"], "sync:records": ["paper", "customers"], "hub:customer": [customer.pk],
        "hub:contact": [contact.pk],
    }  # fmt: skip


PAGES = {
    "sync:runs": "state kind connection q before after page",
    "sync:run": "page",
    "sync:run-live": "part",
    "sync:preview": "q field show reason page csv",
    "sync:log": "q connection object outcome field run first last open before after csv",
    "sync:records": "q state reason sort page",
    "sync:explain": "q link hub",
    "sync:versions": "page number from to",
    "hub:customers": "q stage profile csm source family contacts sort page peek",
    "hub:contacts": "q role source gone customer sort page peek",
    "hub:customer": "show page",
    "hub:contact": "show page",
    "accounts:people": "q role state team sort page",
    "accounts:audit": "q actor verb kind first last before after page",
    "account_login": "next",
}


@pytest.mark.parametrize("name", PAGES)
def test_no_value_of_any_question_ends_in_an_error(
    client_as: ClientAs, admin_user: User, world: dict[str, list[object]], name: str
) -> None:
    browser, path = client_as(admin_user), reverse(name, args=world.get(name, []))
    browser.raise_request_exception = False
    search = (browser.get(path).context or {}).get("search")
    names = sorted({*PAGES[name].split(), *(search.fields if search else ())})
    questions: list[dict[str, Any]] = [
        *({one: value} for one in names for value in ODD),
        *(dict.fromkeys(names, value) for value in ODDER),
    ]

    wrong = [refusal for question in questions if (refusal := ask(browser, path, question))]

    assert wrong == []


def ask(browser: SignedIn, path: str, question: dict[str, Any]) -> str:
    with CaptureQueriesContext(database) as statements:
        answer: Any = browser.get(f"{path}?{urlencode(question)}")
        if answer.streaming:
            b"".join(answer.streaming_content)
    longest = max((len(query["sql"]) for query in statements), default=0)
    if answer.status_code in {200, 302, 404} and longest < LONGEST_STATEMENT:
        return ""
    return f"{answer.status_code}, {longest} letters of SQL: {ascii(question)[:80]}"
