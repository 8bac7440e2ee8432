"""Intercom as the runner and the pages know it. Raw JSON ends here."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from math import ceil
from typing import Any, cast

from integrations.setup.guided import Candidate, GuidedConnector
from integrations.setup.history import first_day, months_of, start_of
from integrations.setup.samples import samples_of
from integrations.sync.blocks import AgreementSource
from integrations.sync.connector import (
    Breakdown,
    Colleague,
    CrmField,
    Identity,
    Page,
    Read,
    Schema,
    Send,
    Sent,
    View,
)
from integrations.sync.models import Connection, RecordLink
from integrations.wire.errors import Misconfigured

from . import attributes, defaults, ways, writing
from .abilities import ABILITIES
from .client import PAGE, IntercomClient
from .interactions.reading import WITH_REPLIES, InteractionReader
from .interactions.sources import DATA_TYPES as INTERACTIONS
from .interactions.sources import fields_of as interaction_fields
from .known_texts import known_texts
from .models import IntercomConnection
from .opening import Meter, open_client
from .people import people_of
from .reading import Reader, record_of
from .schema import COMPANY, CONTACT, CUSTOM, fields_of

LONGEST_SAMPLE = 60
MODELS = {"customers": COMPANY, "contacts": CONTACT}


class IntercomConnector(GuidedConnector):
    abilities = ABILITIES

    def __init__(self, connection: Connection, *, read_only: bool = False, interactive: bool = False) -> None:
        super().__init__(connection, read_only=read_only, interactive=interactive)
        self.intercom = cast("IntercomConnection", connection)
        self.meter = Meter()
        self._attributes: dict[str, list[dict[str, Any]]] = {}

    @cached_property
    def client(self) -> IntercomClient:
        return open_client(
            self.intercom, self.meter, read_only=self.read_only, interactive=self.interactive, on_call=self.on_call
        )

    @cached_property
    def reader(self) -> Reader:
        return Reader(self.client, self.fields_of)

    @cached_property
    def interactions(self) -> InteractionReader:
        return InteractionReader(
            self.client,
            self.floor,
            lambda data_type, stamps: known_texts(self.connection, data_type, stamps),
            self.linked,
            lambda: self.staff.addresses,
        )

    @cached_property
    def staff(self) -> Any:
        return people_of(self.client)

    def floor(self, data_type: str) -> datetime | None:
        return start_of(first_day(self.connection, months_of(self.settings_of(data_type))))

    def linked(self, companies: Iterable[str]) -> frozenset[str]:
        links = RecordLink.objects.filter(
            connection=self.connection.pk, object="customers", source_id__in=list(companies),
            state=RecordLink.State.LINKED,
        )  # fmt: skip
        return frozenset(links.values_list("source_id", flat=True))

    # --- Who and what

    def whoami(self) -> Identity:
        me = self.client.me()
        workspace = str(me["app"]["id_code"])
        return Identity(
            user=str(me.get("name") or me["id"]),
            organisation=str(me["app"].get("name") or workspace),
            web_url=ways.web_url(self.intercom, workspace),
            clock=self.meter.clock or self.client.session.clock(),
        )

    def schema(self, object_name: str) -> Schema:
        if object_name in INTERACTIONS:
            return Schema(object_name, interaction_fields())
        return Schema(object_name, tuple(self.fields(object_name).values()))

    def fields(self, object_name: str) -> dict[str, CrmField]:
        model = MODELS[object_name]
        if model not in self._attributes:
            self._attributes[model] = list(self.client.attributes(model))
        return {field.path: field for field in fields_of(model, self._attributes[model])}

    def fields_of(self, object_name: str, paths: Sequence[str]) -> Mapping[str, CrmField]:
        """What every workspace has is known without a call."""
        if any(path.startswith(CUSTOM) for path in paths):
            return self.fields(object_name)
        return {field.path: field for field in fields_of(MODELS[object_name], ())}

    # --- The scope: all of the workspace. What is nobody's here waits, and is listed.

    @property
    def scope_key(self) -> str:
        return "workspace"

    def views(self, object_name: str) -> Sequence[View]:
        return ()

    def chosen_view(self, object_name: str) -> tuple[str, str]:
        return "", ""

    def saved_agreements(self) -> AgreementSource:
        return AgreementSource()

    def count_agreements(self, choice: AgreementSource) -> Breakdown:
        return Breakdown(0)

    def candidates(self) -> list[Candidate]:
        return []

    def children(self, view_id: str) -> None:
        """There is no parent of a company in Intercom."""

    # --- Counting before saving

    def count(self, object_name: str, view_id: str = "") -> Breakdown:
        if object_name in INTERACTIONS:
            return Breakdown(self.interactions.count(object_name, self.floor(object_name)))
        if object_name == "contacts":
            return self.count_contacts("")
        return Breakdown(self.client.companies(1, rows=1).total or 0)

    def count_contacts(self, view_id: str) -> Breakdown:
        return Breakdown(self.client.contacts(rows=1).total or 0)

    def activities(self, data_type: str, since: date | None) -> int:
        return self.interactions.count(data_type, start_of(since))

    def count_matching(self, object_name: str, field_path: str, values: Sequence[str]) -> int:
        raise Misconfigured("NOT_COUNTABLE", f"Intercom is not asked how often {field_path} holds a value.")

    def value_counts(self, object_name: str, path: str) -> dict[str, int]:
        return {}

    def calls_to_read(self, rows: int) -> int:
        return max(1, ceil(rows / PAGE))

    def calls_to_read_activities(self, rows: int) -> int:
        """Each page with its contacts, and one for the replies of each: at most, for some have none."""
        return 2 * max(1, ceil(rows / WITH_REPLIES)) + rows

    def samples(self, object_name: str, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Out of one page: of companies by their list, for a scroll would stand in the way of a sync."""
        if object_name in INTERACTIONS:
            found = self.interactions.samples(object_name, paths)
            return samples_of((record.values for record in found), paths, longest=LONGEST_SAMPLE)
        known = self.fields(object_name)
        shown = tuple(path for path in paths if path in known)
        if not shown:
            return {}
        rows = self.client.companies(1).rows if object_name == "customers" else self.client.contacts(rows=50).rows
        records = (record_of(object_name, row, shown, known) for row in rows)
        return samples_of((record.values for record in records), shown, longest=LONGEST_SAMPLE)

    def ids_held(self, object_name: str) -> tuple[int, dict[str, list[str]]]:
        """Records of one page, and what they hold in each attribute that may serve as an ID."""
        known = {path: field for path, field in self.fields(object_name).items() if field.is_id and path != "id"}
        rows = self.client.companies(1).rows if object_name == "customers" else self.client.contacts(rows=PAGE).rows
        records = [record_of(object_name, row, tuple(known), known).values for row in rows]
        return len(records), {path: [str(one[path]) for one in records if one[path]] for path in known}

    def people(self, emails: Sequence[str]) -> Mapping[str, Colleague]:
        found: Mapping[str, Colleague] = self.staff.colleagues(emails)
        return found

    # --- Reading

    def read(self, read: Read, token: str = "") -> Page:
        return (self.interactions if read.object in INTERACTIONS else self.reader).page(read, token)

    def fields_needed(self, object_name: str) -> tuple[str, ...]:
        return ()

    # --- Writing: what is linked, and nothing new

    def write(self, object_name: str, sends: Sequence[Send], *, key_field: str = "") -> Sequence[Sent]:
        if object_name not in MODELS:
            raise Misconfigured("INPUT_ONLY", f"{object_name} are only read from Intercom.")
        if any(not send.source_id or send.delete for send in sends):
            raise Misconfigured("LINKS_ONLY", "Nothing is created or deleted in Intercom from here.")
        return writing.write(self.client, object_name, sends, self.fields(object_name))

    def create_attribute(self, object_name: str, name: str) -> str:
        """Looked up as it is now: somebody may have made it since."""
        path = attributes.create(self.client, MODELS[object_name], name)
        self._attributes.pop(MODELS[object_name], None)
        return path

    # --- Without a call

    @classmethod
    def default_lines(cls, object_name: str) -> tuple[dict[str, Any], ...]:
        return defaults.default_lines(object_name)

    @classmethod
    def web_link(cls, web_url: str, object_name: str, source_id: str) -> str:
        if object_name in INTERACTIONS:
            return f"{web_url.replace('/a/apps/', '/a/inbox/')}/inbox/conversation/{source_id}"
        return f"{web_url}/companies/{source_id}" if object_name == "customers" else f"{web_url}/users/{source_id}/all-conversations"  # fmt: skip
