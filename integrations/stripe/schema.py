"""The fields that may be mapped: Stripe's own, and the keys of the metadata that a team keeps in it."""

from collections.abc import Iterable

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Kind
from integrations.sync.connector import Choice, CrmField

from .mrr import COLLECTION_PAUSED
from .rows import METADATA

WORDS = {
    "id": _("ID"), "text": _("text"), "email": _("e-mail"), "phone": _("phone"), "domain": _("domain"),
    "amount": _("amount"), "currency": _("currency"), "date": _("date"), "datetime": _("date and time"),
    "boolean": _("yes/no"), "list": _("list"), "words": _("list, several at once"), "metadata": _("metadata"),
}  # fmt: skip
STATUSES = {
    "active": _("Active"), "past_due": _("Past due"), "trialing": _("Trialing"),
    COLLECTION_PAUSED: _("Active, collection paused"), "paused": _("Paused"), "unpaid": _("Unpaid"),
    "canceled": _("Canceled"), "incomplete": _("Incomplete"), "incomplete_expired": _("Incomplete, expired"),
}  # fmt: skip
TO_HUB = {
    "active": "ACTIVE", "past_due": "ACTIVE", "trialing": "VALIDATED", COLLECTION_PAUSED: "PAUSED", "paused": "PAUSED",
    "unpaid": "PAUSED", "canceled": "CANCELLED", "incomplete": "PENDING", "incomplete_expired": "CANCELLED",
}  # fmt: skip
"""What each status is here. Who tries has signed and not started; who is paused or does not pay is in no MRR."""


def own(path: str, label: object, kind: Kind, type_: str, **more: object) -> CrmField:
    return CrmField(path, str(label), type_, kind, **more)  # type: ignore[arg-type]


def customers() -> tuple[CrmField, ...]:
    return (
        own("id", _now("Stripe ID"), Kind.ID, "id", is_id=True),
        own("name", _now("Name"), Kind.TEXT, "text"),
        own("email", _now("E-mail"), Kind.EMAIL, "email"),
        own("domain", _now("Domain, of the metadata or the e-mail"), Kind.DOMAIN, "domain"),
        own("phone", _now("Phone"), Kind.PHONE, "phone"),
        own("description", _now("Description"), Kind.TEXT, "text"),
        own("currency", _now("Currency"), Kind.TEXT, "currency"),
        own("delinquent", _now("Latest invoice unpaid"), Kind.BOOL, "boolean"),
        own("address.city", _now("City"), Kind.TEXT, "text"),
        own("address.country", _now("Country"), Kind.TEXT, "text"),
        own("created", _now("Created"), Kind.DATETIME, "datetime"),
    )


def agreements() -> tuple[CrmField, ...]:
    statuses = tuple(Choice(value, str(label)) for value, label in STATUSES.items())
    return (
        own("id", _now("Subscription ID"), Kind.ID, "id", is_id=True),
        own("plan", _now("Plan: names of prices or products"), Kind.TEXT, "text"),
        own("mrr", _now("MRR"), Kind.MONEY, "amount"),
        own("monthly", _now("A month’s amount, whatever the status"), Kind.MONEY, "amount"),
        own("mrr_why", _now("What decides the MRR"), Kind.LIST, "words"),
        own("currency", _now("Currency"), Kind.TEXT, "currency"),
        own("status", _now("Status"), Kind.CHOICE, "list", choices=statuses),
        own("starts", _now("Start, after a trial"), Kind.DATE, "date"),
        own("start_date", _now("Start, trial included"), Kind.DATE, "date"),
        own("ends", _now("End, as it ended or will"), Kind.DATE, "date"),
        own("renews", _now("Renews by itself"), Kind.BOOL, "boolean"),
        own("trial_end", _now("End of the trial"), Kind.DATE, "date"),
        own("canceled_at", _now("Cancelled on"), Kind.DATE, "date"),
        own("description", _now("Description"), Kind.TEXT, "text"),
        own("created", _now("Created"), Kind.DATETIME, "datetime"),
    )


BUILT_IN = {"customers": customers, "agreements": agreements}


def fields_of(object_name: str, metadata_keys: Iterable[str]) -> tuple[CrmField, ...]:
    labels = {key: _now("%(key)s (metadata)") % {"key": key} for key in sorted(set(metadata_keys))}
    return (*BUILT_IN[object_name](), *(_metadata(key, label) for key, label in labels.items()))


def _metadata(key: str, label: str) -> CrmField:
    return CrmField(METADATA + key, label, "metadata", Kind.TEXT, is_custom=True, is_id=True)
