"""The hub fields that a mapping line may name: built-in ones by attribute, the team's own as `custom.<key>`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from unicodedata import normalize

from django.db.models import BooleanField, CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.compare import fold
from integrations.engine.currencies import CURRENCIES
from integrations.engine.mapping import Compare, Kind

from .models import TAGGED, Agreement, CustomField, Tag
from .models.agreement import Period

MOST_PERIODS = 1200
"""A hundred years of months: a longer duration is a slip of the pen."""
LONGEST_BODY = 32_000
"""Characters of a text that are kept of what a CRM holds, and that may be typed."""


@dataclass(frozen=True, slots=True)
class HubField:
    name: str
    label: str | Promise
    kind: Kind
    help: str | Promise = ""
    max_length: int | None = None
    min_value: int | None = None
    max_value: int | None = None
    key: Compare | None = None
    """How it is compared when it recognises records; None where it cannot."""
    decimals: int | None = None
    """Places after the decimal mark that the hub keeps; None: all."""
    own_name: str = ""
    """What the team calls it, in any language of the console; empty for what is built in."""


CUSTOMER_FIELDS = (
    HubField(
        "ref_id",
        _("Customer ID"),
        Kind.ID,
        _("Best an ID that all your systems share; else the CRM's own."),
        120,
        key=Compare.ID,
    ),
    HubField("name", _("Name"), Kind.TEXT, max_length=255, key=Compare.TEXT),
    HubField(
        "domain", _("Domain"), Kind.DOMAIN, _("The website, without scheme, www. and path."), 255, key=Compare.DOMAIN
    ),
    HubField("csm", _("CSM owner"), Kind.PERSON, _("Who looks after the customer: often not the owner in the CRM.")),
    HubField(
        "stage",
        _("Customer stage"),
        Kind.CHOICE,
        _("The phase of the customer's life. Leave it unmapped if the CRM has none."),
    ),
    HubField(
        "profile", _("Health-score profile"), Kind.CHOICE, _("The segment. Leave it unmapped if the CRM has none.")
    ),
    HubField("pulse", _("CSM Pulse"), Kind.INTEGER, _("From 1 to 5."), min_value=1, max_value=5),
)
CONTACT_FIELDS = (
    HubField(
        "ref_id",
        _("Contact ID"),
        Kind.ID,
        _("Best an ID that all your systems share; else the CRM's own."),
        120,
        key=Compare.ID,
    ),
    HubField("first_name", _("First name"), Kind.TEXT, max_length=120),
    HubField("last_name", _("Last name"), Kind.TEXT, max_length=120),
    HubField("email", _("E-mail"), Kind.EMAIL, max_length=254, key=Compare.EMAIL),
    HubField("phone", _("Phone"), Kind.PHONE, max_length=60),
    HubField("nps_score", _("NPS score"), Kind.INTEGER, _("From 0 to 10."), min_value=0, max_value=10),
    HubField(
        "is_champion",
        _("Champion tag"),
        Kind.BOOL,
        _("Set where a CRM field holds a value you choose, e.g. role = Ambassador."),
    ),
    HubField("is_sponsor", _("Sponsor tag"), Kind.BOOL, _("Set where a CRM field holds a value you choose.")),
    HubField("is_key_user", _("Key user tag"), Kind.BOOL, _("Set where a CRM field holds a value you choose.")),
    HubField("is_end_user", _("End user tag"), Kind.BOOL, _("Set where a CRM field holds a value you choose.")),
)
AGREEMENT_FIELDS = (
    HubField("ref_id", _("External ID"), Kind.ID, _("The CRM's own ID of the agreement."), 120, key=Compare.ID),
    HubField("plan", _("Plan name"), Kind.TEXT, _("The offer or plan that the customer subscribed to."), 255),
    HubField(
        "amount_format",
        _("Recurring revenue format"),
        Kind.CHOICE,
        _("How the CRM says amounts: per month or per year."),
    ),
    HubField("amount", _("Revenue field"), Kind.MONEY, _("The recurring amount, read as its format says."), decimals=2),
    HubField("currency", _("Currency"), Kind.CHOICE, _("Three letters, such as EUR. It is kept beside the amount.")),
    HubField("fee", _("One-time fee"), Kind.MONEY, _("For instance a set-up fee."), decimals=2),
    HubField(
        "start_date",
        _("Start date"),
        Kind.DATE,
        _("When the contract starts: seldom the day on which the deal was closed."),
    ),
    HubField("end_date", _("End date"), Kind.DATE, _("Instead of a duration.")),
    HubField(
        "engagement", _("Duration"), Kind.INTEGER, _("Instead of an end date."), min_value=1, max_value=MOST_PERIODS
    ),
    HubField("engagement_period", _("Interval of the duration"), Kind.CHOICE, _("Days, weeks, months or years.")),
    HubField("notice", _("Notice"), Kind.INTEGER, _("Counted back from the end."), min_value=0, max_value=MOST_PERIODS),
    HubField("notice_period", _("Interval of the notice"), Kind.CHOICE, _("Days, weeks, months or years.")),
    HubField("notice_date", _("Notice date"), Kind.DATE, _("Instead of a notice period.")),
    HubField("auto_renew", _("Tacit renewal"), Kind.BOOL, _("Whether it renews by itself.")),
    HubField("type", _("Type"), Kind.CHOICE, _("Initial, renewal, amendment, service or other.")),
    HubField(
        "status",
        _("Status"),
        Kind.CHOICE,
        _("Leave it unmapped unless the system knows it, as a billing tool does: else the dates decide."),
    ),
)
INTERACTION_FIELDS = (
    HubField("ref_id", _("External ID"), Kind.ID, max_length=255, key=Compare.ID),
    HubField("subject", _("Subject"), Kind.TEXT, max_length=500),
    HubField("body", _("Text"), Kind.LONG_TEXT, max_length=LONGEST_BODY),
    HubField("starts_at", _("When"), Kind.DATETIME),
    HubField("minutes", _("Minutes"), Kind.INTEGER, min_value=0, max_value=100_000),
    HubField("is_incoming", _("Incoming"), Kind.BOOL, _("From the customer to the team.")),
    HubField(
        "ical_uid",
        _("Calendar ID"),
        Kind.ID,
        _("The iCal UID, where the CRM keeps it: with the start it tells whether two meetings are one."),
        max_length=1000,
    ),
    HubField("participants", _("Participants"), Kind.LIST, _("E-mail addresses."), 254),
    HubField("contacts", _("Contacts"), Kind.LIST, _("The contacts who took part.")),
)
INTERACTION_TYPES = {"emails": "email", "meetings": "meeting", "calls": "call", "notes": "note"}
"""Data type → type of the interaction."""
SCORE_FIELDS = (
    HubField("health_score", _("Health score"), Kind.INTEGER, _("From 1 to 10."), min_value=1, max_value=10),
    HubField("pulse", _("CSM Pulse"), Kind.INTEGER, _("From 1 to 5."), min_value=1, max_value=5),
)
"""What may be uploaded to a field of the CRM; the hub alone decides them."""
BUILT_IN = {
    "customers": CUSTOMER_FIELDS,
    "contacts": CONTACT_FIELDS,
    "agreements": AGREEMENT_FIELDS,
    "scores": SCORE_FIELDS,
} | dict.fromkeys(INTERACTION_TYPES, INTERACTION_FIELDS)
HEALTH_FIELD = SCORE_FIELDS[0]
BY_HAND = {"customers": (HEALTH_FIELD,)}
"""Decided here, by people and imports, never by a mapping line that comes in."""
CHOICES: dict[str, tuple[tuple[str, str | Promise], ...]] = {
    "amount_format": tuple(Agreement.Format.choices),
    "engagement_period": tuple(Period.choices),
    "notice_period": tuple(Period.choices),
    "type": tuple(Agreement.Type.choices),
    "status": tuple(Agreement.Status.choices),
    "currency": tuple((code, code) for code in CURRENCIES),
}
"""hub field → the values that the hub itself gives it, each with the words for it."""

CUSTOM_KINDS = {
    "STRING": (Kind.TEXT, 500, Compare.TEXT),
    "NUMBER": (Kind.NUMBER, None, Compare.ID),
    "CURRENCY": (Kind.MONEY, None, None),
    "DATE": (Kind.DATE, None, None),
    "DATETIME": (Kind.DATETIME, None, None),
    "BOOLEAN": (Kind.BOOL, None, None),
}
TAG = "tag-"
"""Begins the key of a tag, which is mapped like a yes/no field of the team's own: `custom.tag-7`."""
IS_TAG = "TAG"


def fields_here(entity: str) -> dict[str, HubField]:
    """All that a person may type: what mappings write, and what only people decide."""
    return fields_of(entity) | {field.name: field for field in BY_HAND.get(entity, ())}


def fields_of(entity: str) -> dict[str, HubField]:
    """Built-in fields first, then the team's own and the tags by name; one query."""
    fields = {field.name: field for field in BUILT_IN[entity]}
    for name, key, type_, is_key in sorted(_own(entity), key=lambda own: (normalize("NFKD", fold(own[0])), own)):
        field_name = f"custom.{key}"
        if type_ == IS_TAG:
            fields[field_name] = HubField(
                field_name,
                _label(key, name),
                Kind.BOOL,
                _("Set where a CRM field holds a value you choose."),
                own_name=name,
            )
            continue
        kind, length, compare = CUSTOM_KINDS[type_]
        # A text or number of the team's own that recognises records is compared as an id: exactly.
        known_by = Compare.ID if is_key and compare else None
        fields[field_name] = HubField(
            field_name, name, kind, _("A field your team added."), length, key=known_by, own_name=name
        )
    return fields


def _tags() -> QuerySet[Tag]:
    """Those that a line may map, with the key of their own."""
    named = Tag.objects.filter(entity__in=TAGGED, is_system=False).order_by()
    return named.annotate(key=Concat(Value(TAG), Cast("pk", CharField())))


def _own(entity: str) -> Iterable[tuple[str, str, str, bool]]:
    """Name, key, type and whether it recognises records."""
    customs = CustomField.objects.filter(entity=entity).order_by().values_list("name", "key", "type", "is_key")
    tags = (
        _tags()
        .filter(entity=entity)
        .annotate(type=Value(IS_TAG, output_field=CharField()), is_key=Value(False, output_field=BooleanField()))
        .values_list("name", "key", "type", "is_key")
    )
    return customs.union(tags, all=True)


def own_labels() -> Iterator[tuple[str, str, str]]:
    """Entity, key and label of the team's own fields and of tags; one query."""
    customs = CustomField.objects.order_by().annotate(said=F("name")).values_list("entity", "key", "said")
    tags = _tags().annotate(said=F("name")).values_list("entity", "key", "said")
    for entity, key, name in customs.union(tags, all=True):
        yield entity, key, _label(key, name)


def _label(key: str, name: str) -> str:
    return _("Tag “%(name)s”") % {"name": name} if key.startswith(TAG) else name
