"""Zoho CRM as the runner and the pages know it. Raw JSON ends here."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cached_property
from math import ceil
from typing import Any, cast

from integrations.setup.guided import Candidate, GuidedConnector
from integrations.setup.history import first_day, months_of
from integrations.setup.samples import distinct
from integrations.setup.scores import LABELS
from integrations.sync.blocks import AgreementSource
from integrations.sync.colleagues import People
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
from integrations.wire.errors import Misconfigured, NotFound, Rejected

from . import agreements, customviews, defaults, keyfield, writing
from .abilities import ABILITIES
from .agreements import DEALS, chosen_source, source_of
from .client import WritingClient
from .coql import MOST_ROWS, all_of
from .counting import breakdown, count_of, counts_by_value, sample_values
from .interactions import emails
from .interactions.emails import EMAILS, EmailWriter
from .interactions.reading import InteractionReader
from .interactions.sources import SOURCES as INTERACTIONS
from .interactions.writing import InteractionWriter
from .models import ZohoConnection
from .opening import Meter, open_client
from .people import people_of
from .reading import Reader
from .rows import Columns
from .schema import ID, Described
from .scope import ACCOUNT_OF_CONTACT, ACCOUNTS, CONTACTS, ITSELF, NAMES, PARENT, Filter, Source, filter_of, holding

OF_ACCOUNTS = frozenset({"customers", "scores"})
"""Scores stand on the accounts that are customers."""
TABS = {
    "customers": ACCOUNTS, "contacts": CONTACTS, "scores": ACCOUNTS, "agreements": "Potentials", "meetings": "Events",
    "calls": "Calls", "notes": "Notes", "emails": "Emails",
}  # fmt: skip
"""What Zoho's own pages call the modules in their addresses: deals by their former name."""
NO_VIEW = Source(CONTACTS, ACCOUNT_OF_CONTACT, NAMES[CONTACTS])


class ZohoConnector(GuidedConnector):
    abilities = ABILITIES

    def __init__(self, connection: Connection, *, read_only: bool = False, interactive: bool = False) -> None:
        super().__init__(connection, read_only=read_only, interactive=interactive)
        self.zoho = cast("ZohoConnection", connection)
        self.meter = Meter(self.zoho.credits_limit)
        self._described: dict[str, Described] = {}
        self._conditions: dict[tuple[str, str], str] = {}
        self._won: tuple[str, ...] | None = None

    @cached_property
    def client(self) -> WritingClient:
        return open_client(
            self.zoho, self.meter, read_only=self.read_only, interactive=self.interactive, on_call=self.on_call
        )

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
            in_scope=lambda object_name: self.in_scope(self.source(object_name)),
            needed=self.fields_needed,
        )

    @cached_property
    def interactions(self) -> InteractionReader:
        return self._interactions_since(
            lambda data_type: first_day(self.connection, months_of(self.settings_of(data_type)))
        )

    def _interactions_since(self, floor: Callable[[str], date | None]) -> InteractionReader:
        return InteractionReader(self.client, self.people_known, self.described_module, self.conditions, floor)

    # --- Who and what

    def whoami(self) -> Identity:
        told = self.client.current_user()
        return Identity(
            user=str(told.get("full_name") or told["id"]),
            organisation=self.zoho.organisation or self.zoho.organization_id,
            web_url=self.zoho.web_url,
            clock=self.meter.clock or self.client.session.clock(),
        )

    def schema(self, object_name: str) -> Schema:
        if object_name == EMAILS:
            return emails.schema()
        self._described.pop(self.module_of(object_name), None)
        if object_name in INTERACTIONS:
            return self.interactions.schema(object_name)
        return Schema(object_name, self.described(object_name).fields)

    def described(self, object_name: str) -> Described:
        return self.described_module(self.module_of(object_name))

    def described_module(self, module: str) -> Described:
        if module not in self._described:
            self._described[module] = Described(self.client.fields(module))
        return self._described[module]

    # --- Where the records of a data type stand

    def saved_agreements(self) -> AgreementSource:
        return chosen_source(self.settings_of("agreements"))

    def module_of(self, object_name: str) -> str:
        if object_name == "agreements":
            return self.agreements.source
        if object_name == EMAILS:
            return emails.MODULE
        if object_name in INTERACTIONS:
            return INTERACTIONS[object_name].module
        return ACCOUNTS if object_name in OF_ACCOUNTS else CONTACTS

    def source(self, object_name: str) -> Source:
        if object_name == "agreements":
            return self.source_of_agreements(self.agreements)
        if object_name in OF_ACCOUNTS:
            return Source(ACCOUNTS, name=NAMES[ACCOUNTS], condition=self.conditions())
        view, label = self.chosen_view("contacts")
        return self._contacts_of(view, label)

    def _contacts_of(self, view: str, label: str = "") -> Source:
        condition = self.condition_of_view(CONTACTS, view, label) if view else ""
        return Source(CONTACTS, ACCOUNT_OF_CONTACT, NAMES[CONTACTS], condition)

    def source_of_agreements(self, choice: AgreementSource) -> Source:
        condition = self.condition_of_view(choice.source, choice.view, choice.view_label) if choice.view else ""
        return source_of(choice, condition, self.won_stages if agreements.asks_for_won(choice) else ())

    @property
    def won_stages(self) -> tuple[str, ...]:
        """What wins is said by the forecast of a stage, never by its name: by the field itself, else by the pipelines."""
        if self._won is None:
            found = agreements.won_of_fields(self.described_module(DEALS)) or self._won_of_pipelines()
            if not found:
                raise Misconfigured("NO_WON_STAGE", "No stage of deals is forecast as won.", fields=(agreements.STAGE,))
            self._won = found
        return self._won

    def _won_of_pipelines(self) -> tuple[str, ...]:
        layouts = self.client.layouts(DEALS)
        return agreements.won_of_pipelines(
            one for layout in layouts for one in self.client.pipelines(str(layout["id"]))
        )

    def candidates(self) -> list[Candidate]:
        """The modules that may hold agreements: one call for all of them, and one for the fields of each."""
        modules = [one for one in self.client.modules() if agreements.may_hold(one)]
        found = (agreements.candidate_of(one, self.described_module(str(one["api_name"]))) for one in modules)
        return sorted((one for one in found if one), key=agreements.rank)

    # --- The scope

    @property
    def filter(self) -> Filter:
        return filter_of(self.zoho)

    @property
    def scope_key(self) -> str:
        return self.filter.key

    def conditions(self, through: str = "", chosen: Filter | None = None) -> str:
        """Of the accounts that come in, as they say it themselves or as a record says it through its lookup."""
        wanted = self.filter if chosen is None else chosen
        return wanted.conditions(self.described_module(ACCOUNTS) if wanted.field else None, through)

    def in_scope(self, source: Source) -> str:
        if not source.customer:
            return self.conditions()
        if source.customer == ITSELF:
            return all_of((self.conditions(), source.condition))
        tied = self.conditions(source.customer) or f"{source.customer} is not null"
        return all_of((tied, source.condition))

    def views(self, object_name: str) -> Sequence[View]:
        if object_name in OF_ACCOUNTS or object_name in INTERACTIONS or object_name == EMAILS:
            # Accounts come in by their type and by one field; a view narrows contacts and agreements down.
            return ()
        return customviews.usable_first(self.client.views(self.module_of(object_name)))

    def chosen_view(self, object_name: str) -> tuple[str, str]:
        match object_name:
            case "contacts":
                return self.zoho.contact_view, self.zoho.contact_view_label
            case "agreements":
                return self.agreements.view, self.agreements.view_label
        return "", ""

    def condition_of_view(self, module: str, view_id: str, label: str = "") -> str:
        key = (module, view_id)
        if key not in self._conditions:
            try:
                told = self.client.view(module, view_id)
            except (NotFound, Rejected) as gone:
                # Read as an empty view, this would take everything or let everything go.
                raise customviews.view_gone(label or view_id) from gone
            said = customviews.label_of(told)
            self._conditions[key] = customviews.condition_of(told.get("criteria"), self.described_module(module), said)
        return self._conditions[key]

    def fitted(
        self, settings: Mapping[str, str | int | bool | None]
    ) -> tuple[dict[str, str | int | bool | None], list[str]]:
        found = dict(settings)
        if not settings.get("contact_view"):
            return found, []
        label = str(settings.get("contact_view_label") or "")
        known = {view.label: view.id for view in self.views("contacts")}
        found["contact_view"], found["contact_view_label"] = known.get(label, ""), label if label in known else ""
        return found, [] if label in known else [label or str(settings["contact_view"])]

    def fitted_block(self, object_name: str, settings: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        wanted = AgreementSource.read(settings)
        if object_name != "agreements" or not wanted.view:
            return dict(settings), []
        self.agreements = wanted
        known = {view.label: view.id for view in self.views(object_name)}
        found = known.get(wanted.view_label, "")
        fitted = {**settings, "view": found, "view_label": wanted.view_label if found else ""}
        return fitted, [] if found else [wanted.view_label or wanted.view]

    def lost_views(self) -> Sequence[LostView]:
        chosen = [(name, *self.chosen_view(name)) for name in ("contacts", "agreements")]
        return [
            LostView(label or view_id, name)
            for name, view_id, label in chosen
            if view_id and self._is_lost(self.module_of(name), view_id)
        ]

    def _is_lost(self, module: str, view_id: str) -> bool:
        try:
            self.condition_of_view(module, view_id)
        except Misconfigured as refused:
            return refused.code == "view-gone"
        return False

    # --- Counting before saving

    def count(self, object_name: str, view_id: str = "") -> Breakdown:
        if object_name == EMAILS:
            # They are not read.
            return Breakdown(0)
        if object_name in OF_ACCOUNTS:
            return Breakdown(count_of(self.client, ACCOUNTS, self.conditions()))
        if object_name in INTERACTIONS:
            return Breakdown(self.interactions.count(object_name))
        if object_name == "contacts":
            return self.count_contacts(view_id or self.zoho.contact_view)
        return self.count_agreements(self.agreements)

    def count_accounts(self, chosen: Filter) -> Breakdown:
        """As they would be with this filter, whatever is chosen at present."""
        return breakdown(self.client, self.conditions(chosen=chosen), self.described_module(ACCOUNTS))

    def count_values_everywhere(self, path: str) -> dict[str, int]:
        """Of all accounts: what may be chosen as a filter is not limited by the filter."""
        kind = self.described_module(ACCOUNTS).type_of(path)
        return counts_by_value(self.client, ACCOUNTS, path, kind, f"{path} is not null")

    def count_matching(self, object_name: str, field_path: str, values: Sequence[str]) -> int:
        if object_name in INTERACTIONS or object_name == EMAILS:
            raise Misconfigured("NOT_COUNTABLE", f"Zoho cannot count by {field_path}.", fields=(field_path,))
        source, held = self.source(object_name), holding(self.described(object_name), field_path, values)
        return count_of(self.client, source.module, all_of((self.in_scope(source), held)))

    def count_contacts(self, view_id: str) -> Breakdown:
        return Breakdown(count_of(self.client, CONTACTS, self.in_scope(self._contacts_of(view_id))))

    def count_agreements(self, choice: AgreementSource) -> Breakdown:
        source = self.source_of_agreements(choice)
        return Breakdown(count_of(self.client, source.module, self.in_scope(source)))

    def value_counts(self, object_name: str, path: str) -> dict[str, int]:
        """Out of the records themselves, two thousand to a call; empty for texts that no list holds."""
        if object_name == EMAILS:
            return {}
        described = self.described(object_name)
        if object_name in INTERACTIONS or not described.is_filterable(path) or described.is_person(path):
            return {}
        source = self.source(object_name)
        kind = described.type_of(path)
        return counts_by_value(self.client, source.module, path, kind, self.in_scope(source))

    def calls_to_read(self, rows: int) -> int:
        return max(1, ceil(rows / MOST_ROWS))

    def activities(self, data_type: str, since: date | None) -> int:
        """How many there would be, whatever is chosen at present."""
        return 0 if data_type == EMAILS else self._interactions_since(lambda _data_type: since).about(data_type)

    def children(self, view_id: str) -> int | None:
        """Accounts of the scope that have a parent; None where the parent is hidden from the signed-in user."""
        if not self.described_module(ACCOUNTS).has(PARENT):
            return None
        return count_of(self.client, ACCOUNTS, all_of((self.conditions(), f"{PARENT} is not null")))

    def samples(self, object_name: str, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
        if object_name == EMAILS:
            return {}
        if object_name in INTERACTIONS:
            records = self.interactions.samples(object_name, paths)
            return {path: distinct(one.values.get(path) for one in records) for path in paths}
        source, described = self.source(object_name), self.described(object_name)
        needs_people = any(described.is_person(path) for path in paths)
        addresses = self.people_known.addresses if needs_people else {}
        return sample_values(self.client, described, addresses, source.module, paths, self.in_scope(source))

    def people(self, emails: Sequence[str]) -> Mapping[str, Colleague]:
        return self.people_known.colleagues(emails)

    # --- Reading

    def read(self, read: Read, token: str = "") -> Page:
        if read.object == EMAILS:
            # Only with its record can one be asked for: nobody tells what became of it.
            return Page()
        if read.object in INTERACTIONS:
            return self.interactions.page(read, token)
        return self.reader.page(read, token)

    def fields_needed(self, object_name: str) -> tuple[str, ...]:
        if object_name == EMAILS:
            return ()
        if object_name in INTERACTIONS:
            return (ID,)
        # The parent is asked for only where it is used: it may be hidden from the signed-in user.
        parent = (PARENT,) if object_name == "customers" and self.zoho.keep_hierarchy else ()
        if object_name == "agreements":
            won = (agreements.STAGE,) if agreements.asks_for_won(self.agreements) else ()
            return tuple(dict.fromkeys((*source_of(self.agreements, "").needed, *won)))
        return (*(Source(ACCOUNTS, name=NAMES[ACCOUNTS]) if object_name in OF_ACCOUNTS else NO_VIEW).needed, *parent)

    # --- Writing

    def write(self, object_name: str, sends: Sequence[Send], *, key_field: str = "") -> Sequence[Sent]:
        if object_name == EMAILS:
            return EmailWriter(self.client).write(sends)
        if object_name in INTERACTIONS:
            described = self.described(object_name)
            return InteractionWriter(self.client, self.people_known, described, object_name).write(sends, key_field)
        ability = ABILITIES.of(object_name)
        module = self.module_of(object_name)
        columns = Columns(module, self.described(object_name), self.people_known, ability.customer_path)
        return writing.write(self.client, columns.rows(sends, key_field))

    def find_by_key(self, object_name: str, key_field: str, keys: Sequence[str]) -> Mapping[str, str]:
        return writing.find_by_key(self.client, self.module_of(object_name), key_field, keys)

    def create_key_field(self, object_name: str) -> str:
        self._described.pop(self.module_of(object_name), None)
        return keyfield.create_key_field(self.client, self.module_of(object_name))

    def create_score_field(self, score: str) -> str:
        self._described.pop(ACCOUNTS, None)
        return keyfield.create_field(self.client, ACCOUNTS, keyfield.number_field(LABELS[score]))

    # --- Without a call

    @classmethod
    def default_lines(cls, object_name: str) -> tuple[dict[str, Any], ...]:
        return defaults.default_lines(object_name)

    @classmethod
    def web_link(cls, web_url: str, object_name: str, source_id: str) -> str:
        return f"{web_url}/tab/{TABS[object_name]}/{source_id}"
