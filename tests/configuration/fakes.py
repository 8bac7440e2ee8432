"""A CRM at the border for tests of pages and files: it answers from memory, and can be told not to answer."""

from collections import Counter
from collections.abc import Sequence

from integrations.engine.mapping import Kind, Mode
from integrations.sync.connector import (
    Abilities,
    Breakdown,
    Choice,
    Connector,
    CrmField,
    Identity,
    ObjectAbility,
    Page,
    Read,
    Registered,
    Schema,
    View,
)
from integrations.wire.errors import Transient, WireError
from integrations.wire.quota import Quota

SYSTEM = "brook"
FIELDS = {
    "customers": (
        CrmField("Id", "Record ID", "id", Kind.ID, is_id=True),
        CrmField("Number", "Customer number", "text", Kind.TEXT, is_id=True),
        CrmField("Name", "Company name", "text", Kind.TEXT, length=255, is_updateable=True),
        CrmField("Website", "Website", "url", Kind.DOMAIN),
        CrmField("Owner.Email", "Owner", "user", Kind.PERSON, is_person=True),
        CrmField(
            "Phase",
            "Phase",
            "picklist",
            Kind.CHOICE,
            (Choice("Live", "Live"), Choice("Trial", "Trial"), Choice("Lost", "Lost")),
            is_updateable=True,
        ),
        CrmField("Revenue", "Revenue", "currency", Kind.MONEY),
        CrmField("Notes", "Notes", "textarea", Kind.LONG_TEXT, length=32_000),
    ),
    "contacts": (
        CrmField("Id", "Record ID", "id", Kind.ID, is_id=True),
        CrmField("First", "First name", "text", Kind.TEXT),
        CrmField("Last", "Last name", "text", Kind.TEXT),
        CrmField("Mail", "E-mail", "email", Kind.EMAIL),
        CrmField("Role", "Role", "picklist", Kind.CHOICE, (Choice("Ambassador", "Ambassador"),)),
    ),
}
MODES = (Mode.INPUT, Mode.TWO_WAY, Mode.DISABLED)


class BrookConnector(Connector):
    abilities = Abilities(
        system=SYSTEM,
        label="Brook",
        short="BR",
        objects=(
            ObjectAbility("customers", "Company", "Companies", MODES, "Seen at the next sync.", ("ref_id", "domain")),
            ObjectAbility("contacts", "Person", "People", MODES, "Seen at the next sync.", ("ref_id", "email")),
        ),
        # A child with columns of its own: names, a view with its label, nothing secret.
        connection_model="salesforce.SalesforceConnection",
    )
    asked: Counter[str] = Counter()
    trouble: WireError | None = None
    fields = dict(FIELDS)
    counts: dict[str, int] = {"Live": 40, "Trial": 5, "Lost": 3}

    @classmethod
    def reset(cls) -> None:
        cls.asked, cls.trouble, cls.fields = Counter(), None, dict(FIELDS)

    @classmethod
    def fall_silent(cls) -> None:
        cls.trouble = Transient("TIMEOUT", "no answer")

    def _answer(self, what: str) -> None:
        type(self).asked[what] += 1
        if self.trouble:
            raise self.trouble

    @property
    def calls(self) -> Counter[str]:
        return self.asked

    @property
    def quota(self) -> Quota | None:
        return None

    def whoami(self) -> Identity:
        raise NotImplementedError

    def schema(self, object_name: str) -> Schema:
        self._answer("schema")
        return Schema(object_name, self.fields[object_name])

    def views(self, object_name: str) -> Sequence[View]:
        return ()

    def count(self, object_name: str, view_id: str = "") -> Breakdown:
        return Breakdown(0)

    def count_matching(self, object_name: str, field_path: str, values: Sequence[str]) -> int:
        self._answer("count")
        return sum(self.counts.get(value, 0) for value in values)

    def samples(self, object_name: str, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
        self._answer("samples")
        return {path: (f"sample of {path}",) for path in paths}

    def read(self, read: Read, token: str = "") -> Page:
        raise NotImplementedError

    def fields_needed(self, object_name: str) -> tuple[str, ...]:
        return ()

    @classmethod
    def web_link(cls, web_url: str, object_name: str, source_id: str) -> str:
        return f"{web_url}/{object_name}/{source_id}"


BROOK = Registered(BrookConnector.abilities, BrookConnector)
