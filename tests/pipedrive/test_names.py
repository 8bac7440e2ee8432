"""A custom field of Pipedrive is kept by a key of 40 characters and shown by its name: on every page, whatever happened."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.hub.door import door
from integrations.pipedrive.connector import PipedriveConnector
from integrations.pipedrive.guide import STEPS
from integrations.pipedrive.models import PipedriveConnection
from integrations.rehearsal.practice_pipedrive import PracticePipedrive
from integrations.sync import runs
from integrations.sync.configuration import save_version
from integrations.sync.connector import Answer, Send
from integrations.sync.models import Block, Change, Conflict, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.wire.errors import Misconfigured

from .conftest import signed_in
from .test_interactions import add_block

KEY = re.compile(r"[0-9a-f]{40}")
SHOWN = frozenset({"title", "aria-label", "placeholder", "alt", "data-l", "summary"})
"""Attributes that people see or hear."""
TYPED = frozenset({"text", "search", "number", "date", "email", "url", ""})


class Seen(HTMLParser):
    """What a page shows, and where it leads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self._hidden = self._in_datalist = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._hidden += tag in {"script", "style"}
        # A browser shows the values of these.
        self._in_datalist += tag == "datalist"
        self.texts += [value for name, value in given.items() if name in SHOWN]
        if tag == "input" and given.get("type", "text") in TYPED:
            self.texts.append(given.get("value", ""))
        if tag == "option":
            self.texts.append(given.get("value", "") if self._in_datalist else "")
        if tag == "a":
            self.links.append(given.get("href", ""))

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"script", "style"}
        self._in_datalist -= tag == "datalist"

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.texts.append(data)

    @property
    def keys(self) -> set[str]:
        return {key for text in self.texts for key in KEY.findall(text)}


def pages(client: Client, starts: list[str], most: int = 90) -> Iterator[tuple[str, Seen]]:
    """Whatever can be reached by following links; raw rows show what the database holds, and say so."""
    waiting, known = list(starts), set(starts)
    while waiting and most:
        address = waiting.pop(0)
        most -= 1
        response = client.get(address, follow=True)
        if response.status_code != 200 or "text/html" not in response.headers.get("Content-Type", ""):
            continue
        seen = Seen(response.content.decode())
        yield address, seen
        for link in seen.links:
            parts = urlsplit(urljoin(address, link))
            following = f"{parts.path}?{parts.query}" if parts.query else parts.path
            if not parts.netloc and following not in known and not parts.path.startswith(("/raw/", "/static/")):
                known.add(following)
                waiting.append(following)


@pytest.fixture
def practice(small_practice: Callable[..., PracticePipedrive]) -> PracticePipedrive:
    practice = small_practice(4, contacts_per=1)
    practice.control(unlimited=True)
    return practice


def line(block: Block, hub_field: str, path: str, label: str, **more: Any) -> FieldMapping:
    return FieldMapping.objects.update_or_create(
        block=block, hub_field=hub_field, defaults={"crm_field": path, "crm_label": label, **more}
    )[0]


@pytest.mark.requirement("R15", "X4", "X5")
def test_no_page_shows_the_key_of_a_field(
    db: None, practice: PracticePipedrive, client_as: Callable[..., Client], admin_user: User
) -> None:
    connection = signed_in(practice, state="on", wizard_step="review")
    key = {
        name: practice.key(entity, name)
        for entity, names in {
            "organization": ("Customer success manager", "Lifecycle stage", "Segment", "Customer number"),
            "person": ("Role",),
            "deal": ("Contract start", "Term in months", "Plan"),
        }.items()
        for name in names
    }  # fmt: skip
    for name in ("customers", "contacts"):
        add_block(connection, name)
    customers, contacts = Block.objects.get(object="customers"), Block.objects.get(object="contacts")
    customers.mode = "two-way"
    customers.save()
    # What the editor leaves to the label of the field is the label; where none was kept, the key is all there is.
    line(customers, "name", "name", "Name", direction="both")
    line(customers, "csm", key["Customer success manager"], "", direction="both")
    with practice.book.transaction():
        [stages] = [one.options for one in practice.book.fields("organization") if one.key == key["Lifecycle stage"]]
    known = {option["label"]: "run" for option in stages or ()}
    line(customers, "stage", key["Lifecycle stage"], "Lifecycle stage", direction="both", value_map=known)
    line(customers, "profile", key["Segment"], "Segment", direction="both")
    line(customers, "domain", key["Customer number"], "Customer number", direction="both", on_conflict="ask")
    line(contacts, "is_champion", key["Role"], "Role", transform="equals", argument="Ambassador")
    agreements = Block.objects.create(
        connection=connection, object="agreements", mode="input", merge_keys=["ref_id"],
        settings={"source": "deal", "customer_field": "org_id", "view": "", "view_label": ""},
    )  # fmt: skip
    for hub, path, label in (
        ("ref_id", "id", "ID"), ("amount", "value", "Value"), ("start_date", key["Contract start"], "Contract start"),
        ("plan", key["Plan"], "Plan"), ("engagement", key["Term in months"], "Term in months"),
    ):  # fmt: skip
        line(agreements, hub, path, label)
    FieldMapping.objects.create(block=agreements, hub_field="amount_format", constant="ARR")
    # Versions that map a field without a label, and another one again; the change of today is not saved as one.
    save_version(connection, admin_user)
    line(contacts, "last_name", key["Role"], "", value_map={"Ambassador": "x"})
    save_version(connection, admin_user)
    line(contacts, "last_name", "last_name", "Last name", value_map={})
    save_version(connection, admin_user)
    client = client_as(admin_user)
    client.post(reverse("pipedrive:wizard", args=[connection.slug, "scores"]), {"is_on": "on", "make": "on"})
    sync(connection, practice)
    preview(connection)
    one, other, third, fourth = RecordLink.objects.filter(object="customers").order_by("pk")
    # The two sides differ on one field, a value of another one has no way out, and a third write is refused.
    practice.edit("organization", one.source_id, custom_fields={key["Customer number"]: "there.example"})
    door().edit("customers", {one.hub_id or 0: {"domain": "here.example"}}, by="Inès")
    door().edit("customers", {other.hub_id or 0: {"stage": "onboarding"}}, by="Inès")
    sync(connection, practice)
    assert Conflict.objects.exists()
    practice.control(reject_every=1)
    door().edit("customers", {third.hub_id or 0: {"name": "Renamed here"}}, by="Inès")
    sync(connection, practice)
    preview(connection)
    assert Change.objects.filter(outcome="refused").exists()
    # … and in the end one of the fields is gone.
    delete_field(practice, key["Segment"])
    door().edit("customers", {fourth.hub_id or 0: {"health_score": 9}}, by="Inès")
    sync(connection, practice, may_fail=True)

    slug, last = connection.slug, Run.objects.exclude(kind=Run.Kind.PREVIEW).latest("pk").pk
    starts = [
        *(reverse("pipedrive:wizard", args=[slug, step.name]) for step in STEPS),
        *(reverse("sync:mapping", args=[slug, name]) for name in ("customers", "contacts", "agreements", "scores")),
        *(reverse("sync:records", args=[slug, name]) for name in ("customers", "agreements")),
        *(reverse("sync:preview", args=[run.pk]) for run in Run.objects.filter(kind=Run.Kind.PREVIEW)),
        *(reverse(f"sync:{name}", args=[slug]) for name in ("connection", "versions", "revenue")),
        *(reverse(f"sync:{name}", args=[last]) for name in ("run", "run-calls", "undo")),
        *(reverse(f"sync:{name}") for name in ("board", "needs", "log", "conflicts", "collisions", "explain")),
        f"{reverse('sync:explain')}?hub=customers-{other.hub_id}",
        reverse("hub:customer", args=[other.hub_id or 0]),
    ]
    found, seen = {}, set[str]()
    for address, page in pages(client, starts):
        seen.add(address)
        if page.keys:
            found[address] = [text.strip() for text in page.texts if KEY.search(text)]

    assert set(starts) <= seen
    assert found == {}


def sync(connection: PipedriveConnection, practice: PracticePipedrive, *, may_fail: bool = False) -> Run:
    practice.passed = getattr(practice, "passed", 0) + 900  # type: ignore[attr-defined]
    practice.control(clock_offset=practice.passed)  # type: ignore[attr-defined]
    run = runs.request_run(connection, Run.Kind.DELTA, by="Inès")
    drive(run, 60.0)
    run.refresh_from_db()
    assert may_fail or run.state == Run.State.DONE, run.reason_params
    return run


def preview(connection: PipedriveConnection) -> None:
    drive(runs.request_run(connection, Run.Kind.PREVIEW, by="Inès"), 60.0)


def delete_field(practice: PracticePipedrive, key: str) -> None:
    """As a colleague does in Pipedrive's settings."""
    address = f"{practice.base_url}/api/v2/organizationFields/{key}"
    requests.delete(address, headers=practice.headers(), timeout=5).raise_for_status()


@pytest.mark.requirement("X4")
def test_field_is_typed_by_its_name_and_kept_by_its_key(
    db: None, practice: PracticePipedrive, client_as: Callable[..., Client], admin_user: User
) -> None:
    connection, key = signed_in(practice, state="on", wizard_step="review"), practice.key("organization", "Segment")
    add_block(connection, "customers")
    client, page = client_as(admin_user), reverse("sync:mapping", args=[connection.slug, "customers"])
    context = client.get(page).context
    typed = {
        row.form.add_prefix(name): row.form.shown if name == "crm" else row.form[name].value()
        for row in context["rows"]
        for name in ("crm", "constant", "transform", "argument", "blanks")
        if row.form[name].value()
    } | {
        "rank-ref_id": "1",
        "line-TOTAL_FORMS": str(len(context["rows"])),
        "line-INITIAL_FORMS": str(len(context["rows"])),
    }
    [segment] = [one.label for one in context["page"].metadata.schema.fields if one.path == key]
    typed |= {"line-profile-crm": segment, "version": "0", "do": "save"}

    refused = client.post(page, {**typed, "line-profile-crm": "Segmentation"})
    saved = client.post(page, typed)

    assert "Pipedrive has no field “Segmentation”" in refused.content.decode()
    assert saved.status_code == 302, saved.context["form"].errors
    kept = dict(FieldMapping.objects.values_list("hub_field", "crm_field"))
    assert (kept["profile"], kept["name"], kept["domain"]) == (key, "name", "website")


def test_what_pipedrive_says_of_a_key_is_said_of_the_name(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    key = practice.key("organization", "Renewal date")

    [refused] = connector.write("customers", [Send("1", values={key: "no day"})])
    with pytest.raises(Misconfigured) as gone:
        connector.write("customers", [Send("1", values={"f" * 40: "x"})])

    assert (refused.answer, refused.fields) == (Answer.REFUSED, (key,))
    assert "'Renewal date'" in refused.message
    assert not KEY.search(refused.message + str(gone.value))
