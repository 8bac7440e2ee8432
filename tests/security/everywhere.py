"""Every place in which the console keeps or says something, as text that can be searched for a secret."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.sessions.models import Session
from django.db import connection as database
from django_q.models import OrmQ, Task

from integrations.sync.models import Connection


def rows() -> Iterator[tuple[str, str]]:
    """(table, row) of the whole database: bytes as text, and what is packed also unpacked."""
    for table in database.introspection.table_names():
        with database.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {database.ops.quote_name(table)}")
            for row in cursor.fetchall():
                yield table, " ".join(map(said, row))
    yield from (("session", str(row.get_decoded())) for row in Session.objects.all())
    yield from (("queue", str(row.task)) for row in OrmQ.objects.all())
    yield from (("task", f"{row.args} {row.kwargs} {row.result}") for row in Task.objects.all())


def said(value: Any) -> str:
    raw = bytes(value) if isinstance(value, memoryview) else value
    return raw.decode("latin-1") if isinstance(raw, bytes) else str(raw)


def files() -> Iterator[tuple[str, str]]:
    from integrations.sync.configuration import to_yaml

    yield from ((f"{found.slug}.yaml", to_yaml(found)) for found in Connection.objects.all())


@contextmanager
def all_logs() -> Iterator[io.StringIO]:
    """Down to DEBUG and without the filter that takes secrets out: what it never gets, it cannot miss."""
    text = io.StringIO()
    handler, root = logging.StreamHandler(text), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        root.setLevel(before)
        root.removeHandler(handler)
