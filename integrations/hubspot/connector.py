"""HubSpot as the runner and the pages know it. Raw JSON ends here."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from itertools import chain
from math import ceil
from typing import Any, cast

from integrations.setup.guided import Candidate, GuidedConnector
from integrations.setup.history import first_day, months_of, start_of
from integrations.setup.samples import distinct
from integrations.sync.blocks import AgreementSource
from integrations.sync.connector import (
    Breakdown,
    Colleague,
    CrmField,
    How,
    Identity,
    Page,
    Read,
    Schema,
    Send,
    Sent,
    View,
)
from integrations.sync.models import Connection

from . import agreements, defaults, keyfield, scope, writing
from .abilities import ABILITIES
from .census import old_id_property
from .client import ASSOCIATED, BATCH, SEARCH_PAGE, HubSpotClient
from .counting import MOST_VALUES, count_of, holding, sample_values
from .interactions.fields import fields_of_activity
from .interactions.sources import ACTIVITIES, Activity
from .interactions.writing import InteractionWriter
from .models import HubSpotConnection
from .opening import Meter, open_client, pages_of
from .owners import Owners
from .reading import Fields, Raw, Reader
from .rows import Rows
from .schema import fields_of
from .scope import Groups, Source, both, several, since, where
from .scores import score_property

SOURCES: Mapping[str, Source] = {
    "customers": scope.COMPANIES, "contacts": scope.CONTACTS, "scores": scope.COMPANIES, **ACTIVITIES,
}  # fmt: skip
TYPES = {
    "customers": "0-2", "contacts": "0-1", "agreements": "0-3", "scores": "0-2", "notes": "0-46", "meetings": "0-47",
    "calls": "0-48", "emails": "0-49",
}  # fmt: skip
"""As the addresses of HubSpot's pages name an object."""


class HubSpotConnector(GuidedConnector):
    abilities = ABILITIES

    def __init__(self, connection: Connection, *, read_only: bool = False, interactive: bool = False) -> None:
        super().__init__(connection, read_only=read_only, interactive=interactive)
        self.hubspot = cast("HubSpotConnection", connection)
        self.meter = Meter()
        self._fields: dict[str, dict[str, CrmField]] = {}

    @cached_property
    def client(self) -> HubSpotClient:
        return open_client(
            self.hubspot, self.meter, read_only=self.read_only, interactive=self.interactive, on_call=self.on_call
        )

    @cached_property
    def owners(self) -> Owners:
        return Owners(self.client)

    @cached_property
    def reader(self) -> Reader:
        return Reader(
            self.client, self.fields, self.source, self.conditions, self.belongs, self.owners,
            needed=self.fields_needed, floor=self.floor,
        )  # fmt: skip

    # --- Who and what

    def whoami(self) -> Identity:
        told = self.client.account()
        self.meter.zone = str(told.get("timeZone") or "")
        portal = str(told["portalId"])
        return Identity(
            user=self.hubspot.account,
            organisation=self.hubspot.organisation or portal,
            web_url=web_url(self.hubspot, told),
            clock=self.meter.clock or self.client.session.clock(),
        )

    def schema(self, object_name: str) -> Schema:
        obj = self.source(object_name).object
        self._fields.pop(obj, None)
        found = tuple(self.fields(object_name).values())
        if obj == agreements.DEALS:
            found = agreements.with_choices(found, self.client.pipelines(obj))
        return Schema(object_name, found)

    def fields(self, object_name: str) -> Fields:
        obj = self.source(object_name).object
        if obj not in self._fields:
            told = self.client.properties(obj)
            found = fields_of_activity(ACTIVITIES[object_name], told) if object_name in ACTIVITIES else fields_of(told)
            self._fields[obj] = {one.path: one for one in found}
        return self._fields[obj]

    # --- Where the records of a data type stand, and which of them belong

    def source(self, object_name: str) -> Source:
        if object_name == "agreements":
            return agreements.SOURCES[self.agreements.source]
        return SOURCES[object_name]

    def conditions(self, object_name: str) -> Groups:
        if object_name == "agreements" and self.agreements.source == agreements.DEALS:
            return agreements.won(self.agreements)
        source = self.source(object_name)
        if isinstance(source, Activity):
            return both(source.conditions, *chain(*since(source, self.floor(object_name))))
        if object_name == "contacts":
            return []
        # How a text is compared hangs on its type; without a filter nobody needs to know it.
        fields = self.fields("customers") if self.hubspot.filter_field else None
        return scope.customers(self.hubspot, fields)

    def belongs(self, object_name: str, held: Raw) -> bool:
        """What a record says by itself. Of companies only the list of ids says whether they belong."""
        if object_name == "agreements" and self.agreements.source == agreements.DEALS:
            return agreements.is_won(self.agreements, held)
        source = self.source(object_name)
        return source.is_held(held) if isinstance(source, Activity) else True

    def floor(self, data_type: str) -> datetime | None:
        """From when on interactions are read; everything else is read whole."""
        if data_type not in ACTIVITIES:
            return None
        return start_of(first_day(self.connection, months_of(self.settings_of(data_type))))

    def saved_agreements(self) -> AgreementSource:
        return agreements.chosen_source(self.settings_of("agreements"))

    def candidates(self) -> list[Candidate]:
        return agreements.candidates()

    @property
    def scope_key(self) -> str:
        one = self.hubspot
        return f"{one.stages}|{one.filter_field}|{one.filter_operator}|{one.filter_values}"

    def views(self, object_name: str) -> Sequence[View]:
        """Lifecycle stages are the scope of a portal; its pipelines may narrow down the deals."""
        if object_name != "agreements" or self.agreements.source != agreements.DEALS:
            return ()
        return agreements.pipelines_as_views(self.client.pipelines("deals"))

    def chosen_view(self, object_name: str) -> tuple[str, str]:
        if object_name == "agreements":
            return self.agreements.view, self.agreements.view_label
        return "", ""

    # --- Counting before saving

    def count(self, object_name: str, view_id: str = "") -> Breakdown:
        if object_name == "contacts":
            return Breakdown(self.reader.count_hanging("contacts"))
        obj = self.source(object_name).object
        return Breakdown(count_of(self.client, obj, self.conditions(object_name)))

    def stage_counts(self) -> dict[str, int]:
        """Companies in each lifecycle stage of the portal, whatever is chosen: one call each."""
        stages = self.fields("customers").get(scope.STAGE)
        return {
            one.value: count_of(self.client, "companies", [[where(scope.STAGE, "EQ", one.value)]])
            for one in (stages.choices if stages else ())
        }

    def count_contacts(self, view_id: str) -> Breakdown:
        return self.count("contacts")

    def count_agreements(self, choice: AgreementSource) -> Breakdown:
        """As they would be with this source and these pipelines, whatever is chosen at present."""
        self.agreements = choice
        return self.count("agreements")

    def count_matching(self, object_name: str, field_path: str, values: Sequence[str]) -> int:
        """Of contacts those of the whole portal that have a company: HubSpot searches by no company's stage."""
        field = self.fields(object_name).get(field_path)
        obj = self.source(object_name).object
        return count_of(self.client, obj, holding(self._counted(object_name), field_path, values, field))

    def _counted(self, object_name: str) -> Groups:
        return self.conditions(object_name) or [[where(scope.PRIMARY, "HAS_PROPERTY")]]

    def value_counts(self, object_name: str, path: str) -> dict[str, int]:
        field = self.fields(object_name).get(path)
        if field is None or not field.choices or len(field.choices) > MOST_VALUES:
            return {}
        found = {one.value: self.count_matching(object_name, path, [one.value]) for one in field.choices}
        return {value: number for value, number in found.items() if number}

    def activities(self, data_type: str, since: date | None) -> int:
        """Of the whole portal: which of them hang on the companies in scope, only their ties tell."""
        source = ACTIVITIES[data_type]
        floor = scope.since(source, start_of(since))
        return count_of(self.client, source.object, both(source.conditions, *chain(*floor)))

    def children(self, view_id: str) -> int | None:
        with_parent = both(self.conditions("customers"), where(scope.PARENT, "HAS_PROPERTY"))
        return count_of(self.client, "companies", with_parent)

    def calls_to_read(self, rows: int) -> int:
        return max(1, ceil(rows / SEARCH_PAGE), ceil(rows / ASSOCIATED) + ceil(rows / BATCH))

    def samples(self, object_name: str, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
        if object_name in ACTIVITIES:
            records = self.reader.samples(Read(object_name, How.ALL, tuple(paths)))
            return {path: distinct(one.values.get(path) for one in records) for path in paths}
        obj = self.source(object_name).object
        return sample_values(self.client, obj, self._counted(object_name), self.fields(object_name), paths, self.owners)

    def people(self, emails: Sequence[str]) -> Mapping[str, Colleague]:
        return self.owners.colleagues(emails)

    # --- Reading

    def read(self, read: Read, token: str = "") -> Page:
        return self.reader.page(read, token)

    def fields_needed(self, object_name: str) -> tuple[str, ...]:
        keeps_tree = object_name == "customers" and self.hubspot.keep_hierarchy
        return (*self.source(object_name).properties, *((scope.PARENT,) if keeps_tree else ()))

    # --- Writing

    def write(self, object_name: str, sends: Sequence[Send], *, key_field: str = "") -> Sequence[Sent]:
        if object_name in ACTIVITIES:
            fields = self.fields(object_name)
            return InteractionWriter(self.client, ACTIVITIES[object_name], fields, self.owners).write(sends, key_field)
        ability, obj = ABILITIES.of(object_name), self.source(object_name).object
        rows = Rows(
            obj, self.fields(object_name), self.owners, customer_path=ability.customer_path,
            born_with=self._born_with(object_name),
        )  # fmt: skip
        return writing.write(self.client, obj, rows.of(sends, key_field), rows.kept)

    def _born_with(self, object_name: str) -> dict[str, str]:
        """A company that is made here is a customer: without a stage it would be a lead, and outside."""
        stages = several(self.hubspot.stages)
        return {scope.STAGE: stages[0]} if object_name == "customers" and stages else {}

    def find_by_key(self, object_name: str, key_field: str, keys: Sequence[str]) -> Mapping[str, str]:
        return writing.find_by_key(self.client, self.source(object_name).object, key_field, keys)

    def create_key_field(self, object_name: str) -> str:
        obj = self.source(object_name).object
        self._fields.pop(obj, None)
        return keyfield.create_key_field(self.client, obj)

    def create_score_field(self, score: str) -> str:
        self._fields.pop("companies", None)
        return keyfield.create_property(self.client, "companies", score_property(score))

    def create_old_id_field(self, name: str, label: str, *, is_number: bool) -> str:
        self._fields.pop("companies", None)
        return keyfield.create_property(self.client, "companies", old_id_property(name, label, is_number=is_number))

    # --- Without a call

    @classmethod
    def default_lines(cls, object_name: str) -> tuple[dict[str, Any], ...]:
        return defaults.default_lines(object_name)

    @classmethod
    def web_link(cls, web_url: str, object_name: str, source_id: str) -> str:
        if source_id.startswith(agreements.OF_COMPANIES):
            return f"{web_url}/record/{source_id}"
        return f"{web_url}/record/{TYPES[object_name]}/{source_id}"


def web_url(connection: HubSpotConnection, told: Mapping[str, Any]) -> str:
    """Where people see the portal's records: accounts kept in Europe have pages of their own."""
    host = pages_of(connection) if connection.base_url else f"https://{told.get('uiDomain') or 'app.hubspot.com'}"
    return f"{host}/contacts/{told['portalId']}"
