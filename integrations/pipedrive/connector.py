"""Pipedrive as the runner and the pages know it. Raw JSON ends here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property, partial
from math import ceil
from typing import Any, cast

from django.utils.translation import gettext as _

from integrations.setup.guided import Candidate, GuidedConnector
from integrations.setup.history import first_day, months_of
from integrations.setup.scores import LABELS
from integrations.sync.blocks import AgreementSource
from integrations.sync.colleagues import People
from integrations.sync.connector import (
    Breakdown,
    Colleague,
    How,
    Identity,
    LostView,
    Page,
    Read,
    Schema,
    Send,
    Sent,
    View,
)
from integrations.sync.models import Connection, FieldMapping
from integrations.wire.session import Session

from . import agreements, defaults, keyfield, writing
from .abilities import ABILITIES
from .agreements import NAMES, SEPARATOR, chosen_source, joined, pipelines_of, source_of
from .client import PAGE, PipedriveClient
from .counting import counts_by_value, in_scope, sample_values
from .gone import deleted_page
from .interactions.reading import InteractionReader
from .interactions.sources import SOURCES as INTERACTIONS
from .interactions.writing import InteractionWriter
from .models import PipedriveConnection
from .names import named_answer, naming
from .opening import Meter, Shared, open_client
from .parents import Parents, by_field, by_relationships
from .people import people_of
from .places import place_of
from .reading import Reader
from .rows import Bodies
from .schema import ID, Described
from .scope import CONTACTS, CUSTOMERS, NEEDED, WON_DEALS, Source

OF_CUSTOMERS = frozenset({"customers", "scores"})
"""Scores stand on the organizations that are customers."""


class PipedriveConnector(GuidedConnector):
    abilities = ABILITIES

    def __init__(self, connection: Connection, *, read_only: bool = False, interactive: bool = False) -> None:
        super().__init__(connection, read_only=read_only, interactive=interactive)
        self.pipedrive = cast("PipedriveConnection", connection)
        self.meter = Meter()
        self._described: dict[str, Described] = {}
        self._counted: dict[tuple[str, date | None], Counter[str]] = {}

    @cached_property
    def _opened(self) -> tuple[PipedriveClient, Shared]:
        return open_client(
            self.pipedrive, self.meter, read_only=self.read_only, interactive=self.interactive, on_call=self.on_call
        )

    @property
    def client(self) -> PipedriveClient:
        return self._opened[0]

    @cached_property
    def people_known(self) -> People:
        return people_of(self.client)

    @cached_property
    def reader(self) -> Reader:
        return Reader(
            self.client,
            self.people_known,
            self.described,
            self.source,
            self.parents,
            asks_for_parents=self.pipedrive.keep_hierarchy and not self.pipedrive.parent_field,
        )

    @cached_property
    def interactions(self) -> InteractionReader:
        return InteractionReader(
            self.client, lambda data_type: first_day(self.connection, months_of(self.settings_of(data_type)))
        )

    @property
    def session(self) -> Session | None:
        return self.client.session if "_opened" in self.__dict__ else None

    # --- Who and what

    def whoami(self) -> Identity:
        told = self.client.me()
        return Identity(
            user=str(told.get("name") or told["id"]),
            organisation=str(told.get("company_name") or told["company_id"]),
            web_url=self.pipedrive.web_url or self.client.base_url,
            clock=self.meter.clock or self.client.session.clock(),
        )

    def schema(self, object_name: str) -> Schema:
        if object_name in INTERACTIONS:
            return self.interactions.schema(object_name)
        self._described.pop(self.source(object_name).entity, None)
        return Schema(object_name, self.described(object_name).fields)

    def described(self, object_name: str) -> Described:
        source = self.source(object_name)
        if source.entity not in self._described:
            self._described[source.entity] = Described(source.entity, self.client.fields(source.fields_named))
        return self._described[source.entity]

    # --- Where the records of a data type stand

    def saved_agreements(self) -> AgreementSource:
        return chosen_source(self.settings_of("agreements"))

    def source(self, object_name: str) -> Source:
        if object_name == "agreements":
            return source_of(self.agreements)
        return CUSTOMERS if object_name in OF_CUSTOMERS else CONTACTS

    def candidates(self) -> list[Candidate]:
        return agreements.candidates()

    def parents(self) -> Parents | None:
        if not self.pipedrive.keep_hierarchy:
            return None
        chosen = self.pipedrive.parent_field
        return by_field(chosen) if chosen else by_relationships(self.client)

    # --- The scope: whoever has won a deal with us. Nothing is chosen.

    @property
    def scope_key(self) -> str:
        return WON_DEALS

    def views(self, object_name: str) -> Sequence[View]:
        """Of deals their pipelines; nothing else is narrowed down."""
        if object_name != "agreements" or self.agreements.source == agreements.ORGANIZATION:
            return ()
        return [
            View(str(one["id"]), str(one["name"]))
            for one in sorted(self.client.pipelines(), key=lambda one: int(one.get("order_nr") or 0))
            if not one.get("is_deleted")
        ]

    def chosen_view(self, object_name: str) -> tuple[str, str]:
        return (self.agreements.view, self.agreements.view_label) if object_name == "agreements" else ("", "")

    def lost_views(self) -> Sequence[LostView]:
        view, label = self.chosen_view("agreements")
        if not view:
            return []
        labels = dict(zip(view.split(SEPARATOR), label.split(NAMES), strict=False))
        known = {one.id for one in self.views("agreements")}
        return [
            LostView(labels.get(one) or one, "agreements") for one in pipelines_of(self.agreements) if one not in known
        ]

    def fitted_block(self, object_name: str, settings: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        wanted = AgreementSource.read(settings)
        if object_name != "agreements" or not wanted.view:
            return dict(settings), []
        self.agreements = wanted
        known = {view.label: view.id for view in self.views(object_name)}
        names = [one for one in wanted.view_label.split(NAMES) if one] or [wanted.view]
        found = [one for one in names if one in known]
        fitted = {**settings, "view": joined([known[one] for one in found]), "view_label": NAMES.join(found)}
        return fitted, [one for one in names if one not in known]

    # --- Counting before saving

    def count(self, object_name: str, view_id: str = "") -> Breakdown:
        if object_name in INTERACTIONS:
            return Breakdown(self.activities(object_name, self.interactions.floor(object_name)))
        return Breakdown(sum(1 for _row in in_scope(self.client, self.source(object_name))))

    def count_contacts(self, view_id: str) -> Breakdown:
        """Of the organizations in scope alone: persons name theirs, and nothing else ties them."""
        inside = self._customers_in_scope
        return Breakdown(sum(1 for row in in_scope(self.client, CONTACTS) if CONTACTS.customer_of(row) in inside))

    @cached_property
    def _customers_in_scope(self) -> frozenset[str]:
        return frozenset(str(row["id"]) for row in in_scope(self.client, CUSTOMERS))

    def count_agreements(self, choice: AgreementSource) -> Breakdown:
        return Breakdown(sum(1 for _row in in_scope(self.client, source_of(choice))))

    def count_matching(self, object_name: str, field_path: str, values: Sequence[str]) -> int:
        wanted = set(values)
        return sum(number for value, number in self.value_counts(object_name, field_path).items() if value in wanted)

    def value_counts(self, object_name: str, path: str) -> dict[str, int]:
        if object_name in INTERACTIONS:
            return {}
        described = self.described(object_name)
        rows = in_scope(self.client, self.source(object_name), described.optional([path]))
        return counts_by_value(rows, path, described, self._addresses([path], described))

    def calls_to_read(self, rows: int) -> int:
        return max(1, ceil(rows / PAGE))

    def activities(self, data_type: str, since: date | None) -> int:
        """How many there would be, whatever is chosen at present; all types of activity are counted by one walk."""
        entity = INTERACTIONS[data_type].entity
        if (entity, since) not in self._counted:
            reader = InteractionReader(self.client, lambda _data_type: since)
            self._counted[entity, since] = reader.counts(entity, self._customers_in_scope)
        return self._counted[entity, since][data_type]

    def children(self, view_id: str) -> int | None:
        """`view_id`: the field that names the parent. Relationships would cost a call for each organization."""
        return len(by_field(view_id)(list(in_scope(self.client, CUSTOMERS)))) if view_id else None

    def samples(self, object_name: str, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
        if object_name in INTERACTIONS:
            return self.interactions.samples(object_name, paths)
        described = self.described(object_name)
        people = self._addresses(paths, described)
        return sample_values(self.client, self.source(object_name), described, paths, people)

    def _addresses(self, paths: Sequence[str], described: Described) -> Mapping[str, str]:
        return self.people_known.addresses if described.has_people(paths) else {}

    def people(self, emails: Sequence[str]) -> Mapping[str, Colleague]:
        return self.people_known.colleagues(emails)

    # --- Reading

    def read(self, read: Read, token: str = "") -> Page:
        if read.how is How.DELETED:
            return self._gone(read, token)
        if read.object in INTERACTIONS:
            return self.interactions.page(read, token)
        return self.reader.page(read, token)

    def _gone(self, read: Read, token: str) -> Page:
        if not read.ids and read.object in OF_CUSTOMERS:
            # All numbers of customers are compared at every sync, and the missing ones asked for.
            return Page()
        entities = {name: self._entity(name) for name in (read.object, *read.beside)}
        return deleted_page(self.client, entities, read, place_of(token))

    def _entity(self, object_name: str) -> str:
        return INTERACTIONS[object_name].entity if object_name in INTERACTIONS else self.source(object_name).entity

    def fields_needed(self, object_name: str) -> tuple[str, ...]:
        return (ID,) if object_name in INTERACTIONS else NEEDED

    # --- Writing

    def write(self, object_name: str, sends: Sequence[Send], *, key_field: str = "") -> Sequence[Sent]:
        client, auth = self._opened
        line = writing.Line(client, auth, self.meter)
        if object_name in INTERACTIONS:
            return line.send_all(InteractionWriter(client, object_name).rows(sends))
        source, described = self.source(object_name), self.described(object_name)
        name_of = partial(self._name_of, described)
        with naming(name_of):
            rows = Bodies(client, source, described, self.people_known).of(sends, key_field)
            return [named_answer(sent, name_of) for sent in line.send_all(rows)]

    def _name_of(self, described: Described, key: str) -> str:
        """As Pipedrive calls the field, or did when a line was last looked at."""
        if found := described.field(key):
            return found.label
        lines = FieldMapping.objects.filter(block__connection=self.connection.pk, crm_field=key).exclude(crm_label="")
        return lines.values_list("crm_label", flat=True).first() or _("a field that is gone")

    def find_made(self, object_name: str, sends: Sequence[Send], since: datetime) -> Mapping[str, Sequence[str]] | None:
        """What has a field for our key is found by that."""
        if object_name not in INTERACTIONS:
            return None
        return InteractionWriter(self.client, object_name).found(sends, since)

    def find_by_key(self, object_name: str, key_field: str, keys: Sequence[str]) -> Mapping[str, str]:
        source = self.source(object_name)
        return writing.find_by_key(self.client, source.plural, source.entity, key_field, keys)

    def create_key_field(self, object_name: str) -> str:
        source = self.source(object_name)
        self._described.pop(source.entity, None)
        return keyfield.create_field(self.client, source, keyfield.KEY_FIELD)

    def create_score_field(self, score: str) -> str:
        self._described.pop(CUSTOMERS.entity, None)
        return keyfield.create_field(self.client, CUSTOMERS, keyfield.number_field(LABELS[score]))

    # --- Without a call

    @classmethod
    def default_lines(cls, object_name: str) -> tuple[dict[str, Any], ...]:
        return defaults.default_lines(object_name)

    @classmethod
    def web_link(cls, web_url: str, object_name: str, source_id: str) -> str:
        if object_name in INTERACTIONS:
            # A note has no page of its own there.
            return f"{web_url}/activities/{source_id}" if INTERACTIONS[object_name].type else web_url
        page = {"contacts": "person", "agreements": "deal"}.get(object_name, "organization")
        return f"{web_url}/{page}/{source_id}"
