"""Salesforce as the runner and the pages know it. Raw JSON ends here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from math import ceil
from typing import Any, cast

from integrations.setup.guided import Candidate, GuidedConnector
from integrations.setup.history import first_day, months_of
from integrations.sync.blocks import AgreementSource
from integrations.sync.connector import (
    Breakdown,
    Colleague,
    Identity,
    LostView,
    Page,
    Read,
    Schema,
    Send,
    Sent,
    View,
)
from integrations.sync.models import Connection
from integrations.wire.errors import Misconfigured, NotFound

from . import bulk_writing, defaults, keyfield, listviews, scope, writing
from .abilities import ABILITIES
from .agreements import PREFIXES, candidates, chosen_source, source_of
from .counting import breakdown, count_of, counts_by_value, holding, sample_values
from .interactions.api import Interactions, object_of
from .interactions.raw import CREATED_AS
from .interactions.sources import SOURCES as INTERACTIONS
from .models import SalesforceConnection
from .opening import Meter, open_client
from .owners import Owners
from .people import colleagues
from .reading import BULK_FROM, Reader
from .rows import Columns, Row
from .schema import Described
from .scope import Source
from .writing_client import WritingClient

OBJECTS = {
    "customers": scope.ACCOUNTS.object,
    "contacts": scope.CONTACTS.object,
    "scores": scope.ACCOUNTS.object,
}
ROWS_PER_CALL = 2000
OF_A_JOB = 6
"""Calls of a bulk job beside those for its results."""
OF_ACCOUNTS = frozenset({"customers", "scores"})
"""Scores stand on the accounts that are customers."""


class SalesforceConnector(GuidedConnector):
    abilities = ABILITIES

    def __init__(self, connection: Connection, *, read_only: bool = False, interactive: bool = False) -> None:
        super().__init__(connection, read_only=read_only, interactive=interactive)
        self.salesforce = cast("SalesforceConnection", connection)
        self.meter = Meter()
        self._described: dict[str, Described] = {}
        self._conditions: dict[str, str] = {}

    @cached_property
    def client(self) -> WritingClient:
        return open_client(
            self.salesforce,
            self.meter,
            read_only=self.read_only,
            interactive=self.interactive,
            on_call=self.on_call,
        )

    @cached_property
    def reader(self) -> Reader:
        return Reader(self.client, self.described, self.source, needed=self.fields_needed)

    @cached_property
    def owners(self) -> Owners:
        return Owners(self.client)

    @cached_property
    def interactions(self) -> Interactions:
        return self._interactions_since(
            lambda data_type: first_day(self.connection, months_of(self.settings_of(data_type)))
        )

    def _interactions_since(self, floor: Callable[[str], date | None]) -> Interactions:
        return Interactions(self.client, accounts=lambda: self.view_condition("customers"), floor=floor)

    # --- Who and what

    def whoami(self) -> Identity:
        told = self.client.userinfo()
        return Identity(
            user=str(told.get("name") or told.get("preferred_username") or told["user_id"]),
            organisation=self.salesforce.organisation or str(told["organization_id"]),
            web_url=self.client.instance_url,
            clock=self.meter.clock or self.client.session.clock(),
        )

    def schema(self, object_name: str) -> Schema:
        if object_name in INTERACTIONS:
            return self.interactions.schema(object_name)
        self._described.pop(self.object_of(object_name), None)
        return Schema(object_name, self.described(object_name).fields)

    def described(self, object_name: str) -> Described:
        obj = self.object_of(object_name)
        if obj not in self._described:
            self._described[obj] = Described(self.client.describe(obj))
        return self._described[obj]

    # --- Where the records of a data type stand

    def saved_agreements(self) -> AgreementSource:
        return chosen_source(self.settings_of("agreements"))

    def object_of(self, object_name: str) -> str:
        return self.agreements.source if object_name == "agreements" else OBJECTS[object_name]

    def source(self, object_name: str) -> Source:
        if object_name == "agreements":
            return source_of(self.agreements, self.view_condition(object_name))
        kept = scope.ACCOUNTS if object_name in OF_ACCOUNTS else scope.CONTACTS
        return replace(kept, condition=self.view_condition(object_name))

    def candidates(self) -> list[Candidate]:
        """The objects that may hold agreements, in two calls."""
        described = self.client.describe(scope.ACCOUNTS.object)
        return candidates(self.client.sobjects(), described["childRelationships"])

    # --- The scope

    @property
    def scope_key(self) -> str:
        return self.salesforce.account_view

    def views(self, object_name: str) -> Sequence[View]:
        if object_name in INTERACTIONS:
            # They follow their customers; no list view narrows them down.
            return ()
        return listviews.usable_first(self.client.list_views(self.object_of(object_name)))

    def view_condition(self, object_name: str) -> str:
        """The condition of the chosen view; empty where none is chosen."""
        view, label = self.chosen_view(object_name)
        return self.condition_of_view(object_name, view, label) if view else ""

    def chosen_view(self, object_name: str) -> tuple[str, str]:
        match object_name:
            case "customers" | "scores":
                return self.salesforce.account_view, self.salesforce.account_view_label
            case "contacts":
                return self.salesforce.contact_view, self.salesforce.contact_view_label
        return self.agreements.view, self.agreements.view_label

    def condition_of_view(self, object_name: str, view_id: str, label: str = "") -> str:
        if view_id not in self._conditions:
            try:
                described = self.client.view(self.object_of(object_name), view_id)
            except NotFound as gone:
                # Read as an empty view, this would churn everybody.
                raise scope.view_gone(label or view_id) from gone
            self._conditions[view_id] = scope.condition_of(described["query"], label or view_id)
        return self._conditions[view_id]

    def fitted(
        self, settings: Mapping[str, str | int | bool | None]
    ) -> tuple[dict[str, str | int | bool | None], list[str]]:
        found, lost = dict(settings), []
        for object_name, column in (("customers", "account_view"), ("contacts", "contact_view")):
            label = str(settings.get(f"{column}_label") or "")
            if not settings.get(column):
                continue
            known = {view.label: view.id for view in self.views(object_name) if view.is_usable}
            if label in known:
                found[column] = known[label]
            else:
                found[column], found[f"{column}_label"] = "", ""
                lost.append(label or str(settings[column]))
        return found, lost

    def fitted_block(self, object_name: str, settings: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        wanted = AgreementSource.read(settings)
        if object_name != "agreements" or not wanted.view:
            return dict(settings), []
        self.agreements = wanted
        known = {view.label: view.id for view in self.views(object_name) if view.is_usable}
        found = known.get(wanted.view_label, "")
        fitted = {**settings, "view": found, "view_label": wanted.view_label if found else ""}
        return fitted, [] if found else [wanted.view_label or wanted.view]

    def lost_views(self) -> Sequence[LostView]:
        steps = {"customers": "scope", "contacts": "contacts", "agreements": "agreements"}
        chosen = [(object_name, *self.chosen_view(object_name)) for object_name in steps]
        return [
            LostView(label or view_id, steps[object_name])
            for object_name, view_id, label in chosen
            if view_id and self._is_lost(object_name, view_id)
        ]

    def _is_lost(self, object_name: str, view_id: str) -> bool:
        try:
            self.condition_of_view(object_name, view_id)
        except Misconfigured as refused:
            return refused.code == scope.VIEW_GONE
        return False

    # --- Counting before saving

    def count(self, object_name: str, view_id: str = "") -> Breakdown:
        if object_name in INTERACTIONS:
            return Breakdown(self.interactions.count(object_name))
        chosen = self.condition_of_view(object_name, view_id) if view_id else self.view_condition(object_name)
        if object_name == "customers":
            return breakdown(self.client, chosen)
        return Breakdown(self.reader.count(self._with_view(object_name, view_id)))

    def _with_view(self, object_name: str, view_id: str) -> Source:
        """As it would be with this view, or as it is without one to ask about."""
        source = self.source(object_name)
        return replace(source, condition=self.condition_of_view(object_name, view_id)) if view_id else source

    def count_matching(self, object_name: str, field_path: str, values: Sequence[str]) -> int:
        if object_name in INTERACTIONS:
            return self.interactions.count_matching(object_name, field_path, values)
        held = holding(self.described(object_name), field_path, values)
        return self.reader.count(self.source(object_name), held)

    def count_contacts(self, view_id: str) -> Breakdown:
        """As they would be with this contact view, or with none, whatever is chosen at present."""
        condition = self.condition_of_view("contacts", view_id) if view_id else ""
        return Breakdown(self.reader.count(replace(scope.CONTACTS, condition=condition)))

    def count_agreements(self, choice: AgreementSource) -> Breakdown:
        """As they would be with this object and view, whatever is chosen at present."""
        condition = self.condition_of_view("agreements", choice.view, choice.view_label) if choice.view else ""
        return Breakdown(self.reader.count(source_of(choice, condition)))

    def value_counts(self, object_name: str, path: str) -> dict[str, int]:
        """How often each value of a field occurs in the scope, in one call; of a contact's account too."""
        if object_name in INTERACTIONS:
            return {}
        source, accounts = self.source(object_name), self.view_condition("customers")
        if not scope.fits_one_query(source, accounts):
            return {}
        return counts_by_value(self.client, source.object, path, scope.of_everything(source, accounts))

    def calls_to_read(self, rows: int) -> int:
        return OF_A_JOB + ceil(rows / ROWS_PER_CALL / 5) if rows > BULK_FROM else max(1, ceil(rows / ROWS_PER_CALL))

    def activities(self, data_type: str, since: date | None) -> int:
        """How many there would be, whatever is chosen at present."""
        return self._interactions_since(lambda _data_type: since).count(data_type)

    def children(self, view_id: str) -> int | None:
        """Accounts of the view that have a parent; None where the parent is hidden from the signed-in user."""
        condition = scope.both(self.condition_of_view("customers", view_id), "ParentId != null")
        try:
            return count_of(self.client, "Account", condition)
        except Misconfigured as refused:
            if "ParentId" not in refused.fields:
                raise
            return None

    def samples(self, object_name: str, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
        if object_name in INTERACTIONS:
            return self.interactions.samples(object_name, paths)
        source = self.source(object_name)
        return sample_values(self.client, self.described(object_name), source.object, paths, source.condition)

    def people(self, emails: Sequence[str]) -> Mapping[str, Colleague]:
        return colleagues(self.client, emails)

    # --- Reading

    def read(self, read: Read, token: str = "") -> Page:
        if read.object in INTERACTIONS:
            return self.interactions.read(read, token)
        return self.reader.page(read, token)

    def fields_needed(self, object_name: str) -> tuple[str, ...]:
        if object_name in INTERACTIONS:
            return ("Id",)
        # The parent is asked for only where it is used: field-level security may hide it.
        parent = ("ParentId",) if object_name == "customers" and self.salesforce.keep_hierarchy else ()
        return self.source_fields(object_name) + parent

    def source_fields(self, object_name: str) -> tuple[str, ...]:
        if object_name == "agreements":
            return source_of(self.agreements, "").needed
        return (scope.ACCOUNTS if object_name in OF_ACCOUNTS else scope.CONTACTS).needed

    # --- Writing

    def write(self, object_name: str, sends: Sequence[Send], *, key_field: str = "") -> Sequence[Sent]:
        if object_name in INTERACTIONS:
            return self.interactions.writer.write(object_name, sends, key_field)
        return writing.write(self.client, self.rows(object_name, sends, key_field))

    def start_bulk(self, object_name: str, sends: Sequence[Send], *, key_field: str = "") -> str:
        jobs = bulk_writing.start(self.client, self.rows(object_name, sends, key_field))
        return str(bulk_writing.Token(object_name, key_field, jobs))

    def bulk_answers(self, token: str, sends: Sequence[Send]) -> Sequence[Sent] | None:
        given = bulk_writing.Token.read(token)
        told = bulk_writing.results(self.client, given.jobs)
        if told is None:
            return None

        def find(keys: Sequence[str]) -> Mapping[str, str]:
            return self.find_by_key(given.data_type, given.key_field, keys)

        return bulk_writing.answers(self.client, self.rows(given.data_type, sends, given.key_field), told, find)

    def find_by_key(self, object_name: str, key_field: str, keys: Sequence[str]) -> Mapping[str, str]:
        return writing.find_by_key(self.client, self.created_as(object_name), key_field, keys)

    def create_key_field(self, object_name: str) -> str:
        self._described.pop(self.created_as(object_name), None)
        if object_name in INTERACTIONS:
            self.interactions.forget(object_name)
        return keyfield.create_key_field(self.client, self.created_as(object_name))

    def created_as(self, object_name: str) -> str:
        """The object of Salesforce whose records are made for this data type."""
        if object_name in INTERACTIONS:
            present = self.interactions.reader.sources(object_name)
            return next(source.object for source in CREATED_AS[object_name] if source in present)
        return self.object_of(object_name)

    def rows(self, object_name: str, sends: Sequence[Send], key_field: str) -> Sequence[Row | Sent]:
        """What each send is in Salesforce's own columns, or why it cannot be sent."""
        ability = ABILITIES.of(object_name)
        obj, described = self.object_of(object_name), self.described(object_name)
        return Columns(obj, described, self.owners, ability.customer_path).rows(sends, key_field)

    # --- Without a call

    @classmethod
    def default_lines(cls, object_name: str) -> tuple[dict[str, Any], ...]:
        return defaults.default_lines(object_name)

    @classmethod
    def web_link(cls, web_url: str, object_name: str, source_id: str) -> str:
        if object_name == "agreements" and source_id[:3] not in PREFIXES:
            # An object of the organisation's own: Salesforce itself leads from a bare id to the record's page.
            return f"{web_url}/{source_id}"
        if object_name in INTERACTIONS:
            obj = object_of(object_name, source_id)
        else:
            obj = OBJECTS.get(object_name) or PREFIXES[source_id[:3]]
        return f"{web_url}/lightning/r/{obj}/{source_id}/view"
