"""Every address, every role: who may open it, who may change something there. A new address without a row here fails."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import Team, User
from accounts.permissions import Role
from integrations.engine.mapping import Mode
from integrations.hub.models import Agreement, ApiToken, Contact, Customer, ExchangeRate, Interaction, Stage
from integrations.migration.models import Move, Presence
from integrations.salesforce.models import SalesforceConnection
from integrations.sync.configuration import save_version
from integrations.sync.configuration.columns import model_of
from integrations.sync.models import Block, Change, ConnectionState, HardDelete, RecordLink, ReKey, Run
from integrations.sync.registry import systems
from tests.factories import TeamFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R205", "R206")]

A, M, C, R, S, READER = Role.ADMIN, Role.MANAGER, Role.CSM, Role.RESTRICTED_CSM, Role.SUPPORT, Role.READ_ONLY
ALL = {A, M, C, R, S, READER}
READS = {A, M, C, S}
"""Who reads connections, runs and the log."""
HELPS = {A, S}
"""Who may retry, ask a CRM about one record, and look at a run's calls."""
ONLY_ADMIN = {A}
WORKS = {A, M, C, R}
"""Who works on customers."""
LOOKS_AFTER = {A, M, R}
"""Who may change the customer of this world: the restricted CSM looks after it, the CSM does not."""
PEOPLE = {A, M, S}
NOBODY: set[Role] = set()

SET_UP: dict[str, tuple[set[Role], set[Role]]] = {
    "start": (READS, ONLY_ADMIN),
    "callback": (ONLY_ADMIN, NOBODY),
    "connect": (READS, ONLY_ADMIN),
    "disconnect": (NOBODY, ONLY_ADMIN),
    "wizard": (READS, ONLY_ADMIN),
}
"""The same five for every system."""
NAMESPACES = {one.urls["start"].partition(":")[0]: one.abilities.system for one in systems() if "start" in one.urls}

# address → (who may read it, who may post to it). NOBODY: the address has no such verb, and the answer is 403 or 405.
EXPECTED: dict[str, tuple[set[Role], set[Role]]] = {
    "sync:board": (ALL, NOBODY),
    "sync:needs": (READS, NOBODY),
    "sync:sync-all": (NOBODY, ONLY_ADMIN),
    "sync:pause-all": (NOBODY, ONLY_ADMIN),
    "sync:make-key": (NOBODY, ONLY_ADMIN),
    "sync:runs": (READS, NOBODY),
    "sync:run": (READS, NOBODY),
    "sync:run-live": (READS, NOBODY),
    "sync:run-calls": (HELPS, NOBODY),
    "sync:preview": (READS, NOBODY),
    "sync:undo": (READS, ONLY_ADMIN),
    "sync:run-cancel": (NOBODY, ONLY_ADMIN),
    "sync:run-try-now": (NOBODY, ONLY_ADMIN),
    "sync:run-apply": (NOBODY, ONLY_ADMIN),
    "sync:run-discard": (NOBODY, ONLY_ADMIN),
    "sync:run-release": (NOBODY, ONLY_ADMIN),
    "sync:run-drop": (NOBODY, ONLY_ADMIN),
    "sync:run-retry": (NOBODY, HELPS),
    "sync:sync-now": (NOBODY, ONLY_ADMIN),
    "sync:records": (READS, NOBODY),
    "sync:retry": (NOBODY, HELPS),
    "sync:log": (READS, NOBODY),
    "sync:explain": (READS, HELPS),
    "sync:workers": (READS, NOBODY),
    "sync:alerts": (READS, NOBODY),
    "sync:alert-choice": (READS, READS),
    "sync:alert-channels": (ONLY_ADMIN, ONLY_ADMIN),
    "sync:alert-test": (NOBODY, ONLY_ADMIN),
    "sync:alert-remove": (NOBODY, ONLY_ADMIN),
    "sync:conflicts": (READS, NOBODY),
    "sync:choose": (NOBODY, WORKS),
    "sync:unchoose": (NOBODY, WORKS),
    "sync:collisions": (READS, NOBODY),
    "sync:compare": (NOBODY, {A, M}),
    "sync:decide": (NOBODY, LOOKS_AFTER),
    "sync:take-back": (NOBODY, LOOKS_AFTER),
    "sync:make-win": (NOBODY, LOOKS_AFTER),
    "sync:merge": (WORKS, WORKS),
    "sync:connections": (READS, NOBODY),
    "sync:connection": (READS, ONLY_ADMIN),
    "sync:pause": (NOBODY, ONLY_ADMIN),
    "sync:resume": (NOBODY, ONLY_ADMIN),
    "sync:archive": (NOBODY, ONLY_ADMIN),
    "sync:export": (ONLY_ADMIN, NOBODY),
    "sync:import": (ONLY_ADMIN, ONLY_ADMIN),
    "sync:promote": (ONLY_ADMIN, ONLY_ADMIN),
    "sync:move": (ONLY_ADMIN, ONLY_ADMIN),
    "sync:versions": (READS, NOBODY),
    "sync:mrr": (ALL, NOBODY),
    "sync:mrr-csv": (ALL, NOBODY),
    "sync:revenue": (READS, NOBODY),
    "sync:restore": (ONLY_ADMIN, ONLY_ADMIN),
    "sync:hard-deletes": (ONLY_ADMIN, ONLY_ADMIN),
    "sync:hard-delete": (ONLY_ADMIN, NOBODY),
    "sync:hard-delete-live": (ONLY_ADMIN, NOBODY),
    "sync:hard-delete-confirm": (NOBODY, ONLY_ADMIN),
    "sync:hard-delete-restore": (NOBODY, ONLY_ADMIN),
    "sync:hard-delete-stop": (NOBODY, ONLY_ADMIN),
    "sync:hard-delete-go-on": (NOBODY, ONLY_ADMIN),
    "sync:hard-delete-drop": (NOBODY, ONLY_ADMIN),
    "sync:hard-delete-backup": (ONLY_ADMIN, NOBODY),
    "migration:moves": (READS, NOBODY),
    "migration:new": (ONLY_ADMIN, ONLY_ADMIN),
    "migration:move": (READS, NOBODY),
    "migration:stop": (NOBODY, ONLY_ADMIN),
    "migration:check-all": (NOBODY, ONLY_ADMIN),
    "migration:chapter": (READS, NOBODY),
    "migration:live": (READS, NOBODY),
    "migration:check": (NOBODY, ONLY_ADMIN),
    "migration:sign": (NOBODY, {A, M, C}),
    "migration:unsign": (NOBODY, {A, M, C}),
    "migration:stage-a": (READS, ONLY_ADMIN),
    "migration:stage-b": (READS, ONLY_ADMIN),
    "migration:stage-c": (READS, ONLY_ADMIN),
    "migration:stage-act": (NOBODY, ONLY_ADMIN),
    "migration:connect": (READS, ONLY_ADMIN),
    "migration:companies": (READS, NOBODY),
    "migration:stay": (NOBODY, ONLY_ADMIN),
    "migration:unstay": (NOBODY, ONLY_ADMIN),
    "migration:retired-file": (ONLY_ADMIN, NOBODY),
    "migration:act": (NOBODY, ONLY_ADMIN),
    "migration:open-gate": (NOBODY, ONLY_ADMIN),
    "migration:snapshot": (ONLY_ADMIN, NOBODY),
    "migration:snapshot-csv": (ONLY_ADMIN, NOBODY),
    "migration:snapshot-restore": (NOBODY, ONLY_ADMIN),
    "migration:snapshot-restore-stop": (NOBODY, ONLY_ADMIN),
    "migration:snapshot-restore-go-on": (NOBODY, ONLY_ADMIN),
    "migration:tools": (READS, {A, M, C}),
    "migration:tool": (NOBODY, {A, M, C}),
    "migration:list": (READS, NOBODY),
    "migration:confirm": (NOBODY, {A, M, C}),
    "migration:day": (READS, ONLY_ADMIN),
    "migration:day-calendar": (READS, NOBODY),
    "migration:room": (READS, NOBODY),
    "migration:room-live": (READS, NOBODY),
    "migration:checklist": (READS, NOBODY),
    "migration:report": (READS, NOBODY),
    "migration:report-sign": (NOBODY, {A, M, C}),
    "migration:report-unsign": (NOBODY, {A, M, C}),
    "migration:report-anew": (NOBODY, ONLY_ADMIN),
    "migration:report-close": (NOBODY, ONLY_ADMIN),
    "sync:identity": (READS, NOBODY),
    "sync:identity-key": (READS, NOBODY),
    "sync:identity-there": (READS, NOBODY),
    "sync:identity-previews": (READS, NOBODY),
    "sync:identity-matches": (READS, NOBODY),
    "sync:rekeys": (READS, ONLY_ADMIN),
    "sync:rekey": (READS, NOBODY),
    "sync:rekey-live": (READS, NOBODY),
    "sync:rekey-confirm": (NOBODY, ONLY_ADMIN),
    "sync:rekey-take-back": (NOBODY, ONLY_ADMIN),
    "sync:rekey-stop": (NOBODY, ONLY_ADMIN),
    "sync:rekey-go-on": (NOBODY, ONLY_ADMIN),
    "sync:rekey-drop": (NOBODY, ONLY_ADMIN),
    "sync:mapping": (READS, ONLY_ADMIN),
    "sync:read-again": (NOBODY, ONLY_ADMIN),
    "sync:create-there": (ONLY_ADMIN, ONLY_ADMIN),
    "sync:succeed": (NOBODY, ONLY_ADMIN),
    "hub:customers": (ALL, NOBODY),
    "hub:customer": (ALL, NOBODY),
    "hub:customer-peek": (ALL, NOBODY),
    "hub:customer-new": (WORKS, WORKS),
    "hub:customer-edit": (LOOKS_AFTER, LOOKS_AFTER),
    "hub:contact-new": (LOOKS_AFTER, LOOKS_AFTER),
    "hub:interaction-new": (LOOKS_AFTER, LOOKS_AFTER),
    "hub:interactions": (ALL, NOBODY),
    "hub:interaction": (ALL, NOBODY),
    "hub:interaction-edit": (LOOKS_AFTER, LOOKS_AFTER),
    "hub:interaction-delete": (NOBODY, LOOKS_AFTER),
    "hub:agreements": (ALL, NOBODY),
    "hub:agreement": (ALL, NOBODY),
    "hub:agreement-new": (LOOKS_AFTER, LOOKS_AFTER),
    "hub:agreement-edit": (LOOKS_AFTER, LOOKS_AFTER),
    "hub:money": (ONLY_ADMIN, ONLY_ADMIN),
    "hub:capture": (ONLY_ADMIN, ONLY_ADMIN),
    "hub:rate-new": (NOBODY, ONLY_ADMIN),
    "hub:rate-delete": (NOBODY, ONLY_ADMIN),
    "hub:scores-import": (WORKS, WORKS),
    "hub:api-tokens": (ONLY_ADMIN, ONLY_ADMIN),
    "hub:token-revoke": (NOBODY, ONLY_ADMIN),
    "hub:contact-edit": (LOOKS_AFTER, LOOKS_AFTER),
    "hub:contacts": (ALL, NOBODY),
    "hub:contact": (ALL, NOBODY),
    "hub:contact-peek": (ALL, NOBODY),
    "accounts:people": (PEOPLE, NOBODY),
    "accounts:add_person": (ONLY_ADMIN, ONLY_ADMIN),
    "accounts:person": (PEOPLE, ONLY_ADMIN),
    "accounts:new_link": (NOBODY, ONLY_ADMIN),
    "accounts:end_sessions": (NOBODY, ONLY_ADMIN),
    "accounts:teams": (PEOPLE, NOBODY),
    "accounts:add_team": (ONLY_ADMIN, ONLY_ADMIN),
    "accounts:team": (ONLY_ADMIN, ONLY_ADMIN),
    "accounts:delete_team": (NOBODY, ONLY_ADMIN),
    "accounts:audit": (PEOPLE, NOBODY),
    "accounts:me": (ALL, ALL),
} | {f"{namespace}:{name}": row for namespace in NAMESPACES for name, row in SET_UP.items()}
OPEN_TO_ANYBODY = {"sync:healthz"}
BY_TOKEN = {"hub:api-scores"}
"""Asks for a token, whoever is signed in."""
# allauth's and Django admin's own pages are proved in tests/accounts.
THEIRS = ("admin", "account_", "usersessions")


def _addresses(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _addresses(entry, inner)
        else:
            yield f"{namespace}{entry.name}", entry


OURS = {name: entry for name, entry in _addresses(get_resolver()) if not name.startswith(THEIRS) and name != "None"}


@pytest.fixture
def world() -> dict[str, Any]:
    """One of everything that an address may name, owned so that even a Restricted CSM may see the customer."""
    connection = SalesforceConnection.objects.create(system="salesforce", name="Salesforce", slug="salesforce")
    ConnectionState.objects.create(connection=connection)
    for system in set(NAMESPACES.values()) - {connection.system}:
        other = model_of(system)._default_manager.create(system=system, name=system, slug=system)
        ConnectionState.objects.create(connection=other)
    for name in ("customers", "contacts"):
        Block.objects.create(connection=connection, object=name, mode=Mode.INPUT.value)
    save_version(connection, None)
    run = Run.objects.create(connection=connection, kind="preview", slot="preview", state="done", phase="decide")
    stage = Stage.objects.get(is_default=True)
    customer = Customer.objects.create(name="Marlowe Logistics", stage=stage)
    contact = Contact.objects.create(customer=customer, last_name="Okafor")
    interaction = Interaction.objects.create(
        customer=customer, type="call", origin="hand", subject="Renewal", starts_at=timezone.now()
    )
    agreement = Agreement.objects.create(customer=customer, plan="Gold")
    rate = ExchangeRate.objects.create(currency="USD", into="EUR", day=timezone.localdate(), rate=1)
    link = RecordLink.objects.create(
        connection=connection, object="customers", source_object="Account", source_id="001", state="linked",
        hub_id=customer.pk,
    )  # fmt: skip
    change = Change.objects.create(
        at=timezone.now(), object="customers", hub_id=customer.pk, action="update", outcome="done", actor="Tom",
        before={"pulse": 2}, after={"pulse": 3}, reason_code="by-hand",
    )  # fmt: skip
    counts = dict.fromkeys(("contacts", "agreements", "interactions", "opportunities", "links"), 0)
    return {
        "slug": connection.slug,
        "object_name": "customers",
        "hub_field": "domain",
        "step": "review",
        "stage": "a",
        "number": 1,
        "run": run.pk,
        "hard_delete": HardDelete.objects.create(scope="list", file="gone.gz", counts=counts).pk,
        "move": Move.objects.create(old=connection, created_by="Tom", retired_file="connection: salesforce").pk,
        "chapter": "hubspot",
        "key": "no-such-step",
        "act": "no-such-act",
        "gate": "no-such-gate",
        "rekey": ReKey.objects.create(object="customers", source="links", state="ready").pk,
        "link": link.pk,
        "verb": "pause",
        "side": "here",
        "which": "arrived",
        "change": change.pk,
        "channel": 1,
        "customer": customer.pk,
        "contact": contact.pk,
        "interaction": interaction.pk,
        "agreement": agreement.pk,
        "rate": rate.pk,
        "token": ApiToken.objects.create(name="Scoring", digest="0" * 64).pk,
        "team": TeamFactory.create(name="North").pk,
        "person": UserFactory.create().pk,
    }


def _path(name: str, entry: URLPattern, world: dict[str, Any]) -> str:
    kwargs = {}
    for argument in entry.pattern.converters:
        if argument == "pk":
            view = name.partition(":")[2]
            kind = next(
                (kind for kind in ("interaction", "agreement", "contact", "customer", "team") if kind in view), ""
            )
            if view.startswith("hard-delete"):
                kind = "hard_delete"
            if name.startswith("migration:"):
                kind = "move"
            if view.startswith("rekey"):
                kind = "rekey"
            if not kind:
                kind = "person" if name.startswith("accounts:") else "run"
            kwargs[argument] = world[kind]
        elif argument == "slug" and name.partition(":")[0] in NAMESPACES:
            kwargs[argument] = NAMESPACES[name.partition(":")[0]]
        else:
            kwargs[argument] = world[argument]
    return reverse(name, kwargs=kwargs)


def _client(role: Role, world: dict[str, Any]) -> Client:
    person = UserFactory.create(role=role)
    if role is Role.RESTRICTED_CSM:
        from integrations.hub.models import CsmOwner

        owner = CsmOwner.objects.create(email=person.email)
        Customer.objects.filter(pk=world["customer"]).update(csm=owner)
    client = Client(raise_request_exception=True)
    client.force_login(person)
    return client


def test_every_address_has_a_row() -> None:
    assert sorted(OURS) == sorted({*EXPECTED, *OPEN_TO_ANYBODY, *BY_TOKEN})


def _by_role(world: dict[str, Any], ask: Callable[[Client], Any]) -> dict[Role, int]:
    """What each role is answered, all in the same world: whatever one of them changes is taken back."""
    answered = {}
    for role in Role:
        with transaction.atomic():
            answered[role] = ask(_client(role, world)).status_code
            transaction.set_rollback(True)
    return answered


@pytest.mark.parametrize("name", sorted(OURS.keys() - OPEN_TO_ANYBODY - BY_TOKEN))
def test_reading(name: str, world: dict[str, Any]) -> None:
    path, readers = _path(name, OURS[name], world), EXPECTED[name][0]

    answered = _by_role(world, lambda client: client.get(path))

    refused = {403} if readers else {403, 405}
    wrong = {role: code for role, code in answered.items() if code not in ({200, 302} if role in readers else refused)}
    assert not wrong


@pytest.mark.parametrize("name", sorted(OURS.keys() - OPEN_TO_ANYBODY - BY_TOKEN))
def test_changing(name: str, world: dict[str, Any]) -> None:
    path, changers = _path(name, OURS[name], world), EXPECTED[name][1]

    answered = _by_role(world, lambda client: client.post(path))

    taken, refused = {200, 302, 400, 404, 409, 422}, {403, 405}
    wrong = {role: code for role, code in answered.items() if code not in (taken if role in changers else refused)}
    assert not wrong


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
@pytest.mark.parametrize("name", sorted(BY_TOKEN))
def test_being_signed_in_is_no_token(name: str, role: Role, world: dict[str, Any]) -> None:
    client = _client(role, world)

    answers = client.get(_path(name, OURS[name], world)), client.post(_path(name, OURS[name], world))

    assert [answer.status_code for answer in answers] == [405, 401]


@pytest.mark.parametrize("name", sorted(OURS))
def test_without_sign_in(name: str, world: dict[str, Any]) -> None:
    path = _path(name, OURS[name], world)

    read, changed = Client().get(path), Client().post(path)

    if name in OPEN_TO_ANYBODY:
        assert read.status_code in {200, 503}
        return
    if name in BY_TOKEN:
        assert (read.status_code, changed.status_code) == (405, 401)
        return
    for answer in (read, changed):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", sorted(OURS.keys() - OPEN_TO_ANYBODY - BY_TOKEN))
def test_reading_changes_nothing(name: str, world: dict[str, Any]) -> None:
    client = _client(Role.ADMIN, world)
    before = _everything()

    client.get(_path(name, OURS[name], world))

    assert _everything() == before


def _everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but those that remember when somebody was last seen."""
    from django.apps import apps

    left_alone = {Session, User, Team, Presence}
    models = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    rows = {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in models
        if model not in left_alone and model._meta.app_label != "usersessions"
    }
    return {**rows, "now": [(timezone.now().date(),)]}
