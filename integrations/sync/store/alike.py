"""Rows that may tell of the same as a record that no key recognised: what happened to the same customers at the same time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from integrations.engine.duplicates import WINDOW, Fingerprint, fingerprint
from integrations.engine.values import Value
from integrations.hub.models import Contact, Interaction

from ..models import RecordLink

TOLD = ("starts_at", "subject", "ical_uid", "participants")
Through = Interaction.contacts.through


@dataclass(frozen=True, slots=True)
class Asked:
    """What a record tells, as the mapping reads it."""

    values: Mapping[str, Value]
    customers: frozenset[int]
    """Hub ids of the customers it may belong to."""


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    fingerprint: Fingerprint


def near(connection_id: int, object_name: str, type_: str, asked: Mapping[str, Asked]) -> dict[str, list[int]]:
    """source id → rows of its customers that start when it does and that no record of this connection and object has.

    Two records of one CRM are two: there somebody would have seen them side by side. One statement, by the index of
    customer and start.
    """
    places = [
        (source_id, customer, *_window(told))
        for source_id, one in asked.items() if (told := fingerprint(one.values)) is not None
        for customer in sorted(one.customers)
    ]  # fmt: skip
    if not places:
        return {}
    marks = ", ".join(["(%s, %s, %s, %s)"] * len(places))
    sql = f"""
        WITH asked(source_id, customer_id, low, high) AS (VALUES {marks})
        SELECT a.source_id, i.id FROM asked a
        JOIN {Interaction._meta.db_table} i ON i.customer_id = a.customer_id AND i.starts_at BETWEEN a.low AND a.high
        WHERE i.type = %s AND NOT EXISTS (
            SELECT 1 FROM {RecordLink._meta.db_table} l
            WHERE l.connection_id = %s AND l.object = %s AND l.hub_id = i.id AND l.state <> %s
        ) ORDER BY a.source_id, i.id"""  # noqa: S608 (our own table names)
    values = [value for place in places for value in place]
    found: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, type_, connection_id, object_name, RecordLink.State.MERGED.value])
        for source_id, pk in cursor.fetchall():
            found.setdefault(source_id, []).append(pk)
    return found


def rows_told(hub_ids: Iterable[int]) -> dict[int, Row]:
    ids = set(hub_ids)
    people: dict[int, list[str]] = {}
    took_part = Through._default_manager.filter(interaction_id__in=ids).exclude(contact__email_key="")
    for pk, address in took_part.values_list("interaction_id", "contact__email_key"):
        people.setdefault(pk, []).append(address)
    found = {}
    for row in Interaction.objects.filter(pk__in=ids).values("pk", *TOLD):
        told = fingerprint({**row, "participants": tuple(row["participants"])}, people.get(row["pk"], ()))
        if told is not None:
            found[row["pk"]] = Row(row["subject"] or told.starts_at.date().isoformat(), told)
    return found


def addresses(contact_ids: Iterable[int]) -> dict[int, str]:
    rows = Contact.objects.filter(pk__in=set(contact_ids)).exclude(email_key="")
    return dict(rows.values_list("pk", "email_key"))


def _window(told: Fingerprint) -> tuple[Any, Any]:
    adapt = connection.ops.adapt_datetimefield_value
    return adapt(told.starts_at - WINDOW), adapt(told.starts_at + WINDOW)
