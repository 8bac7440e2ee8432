"""What the tests of writing share: sends, and a connector that talks to recorded answers."""

import os
from typing import Any

import pytest

from integrations.engine.values import Value
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.client import host_policy, open_session
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.writing_client import WritingClient
from integrations.sync.connector import Send
from tests.wire import border
from tests.wire.border import ORG, Border, Clock

KEY = "Skalin_Sync_Id__c"


def change(source_id: str, **values: Value) -> Send:
    return Send(source_id=source_id, values=values)


def made(key: str = "", **values: Value) -> Send:
    return Send(key=key, values=values)


def person(path: str, email: str, source_id: str) -> Send:
    return Send(source_id=source_id, values={path: email})


def ids(practice: PracticeSalesforce, number: int, obj: str = "Account") -> list[str]:
    return [row["Id"] for row in practice.query(f"SELECT Id FROM {obj} ORDER BY Id LIMIT {number}")]


def row(practice: PracticeSalesforce, record_id: str, *fields: str, obj: str = "Account") -> dict[str, Any]:
    [found] = practice.query(f"SELECT {', '.join(fields)} FROM {obj} WHERE Id = '{record_id}'")
    return {name: found[name] for name in fields}


def count(practice: PracticeSalesforce, condition: str, obj: str = "Account") -> int:
    return len(practice.query(f"SELECT Id FROM {obj} WHERE {condition}"))


def with_key(connector: SalesforceConnector, *objects: str) -> None:
    for name in objects:
        assert connector.create_key_field(name) == KEY


def client_at(network: Border) -> WritingClient:
    clock = Clock()
    session = open_session(host_policy(), clock=clock, sleep=clock.sleep, adapter=network)
    return WritingClient(session, ORG)


def recorded(name: str) -> Any:
    """As a real organisation answered; where the whole suite has to run, a missing recording is a failure."""
    try:
        return border.recorded(name)
    except pytest.skip.Exception as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        raise
