"""E-mails that are kept twice: as a message, and as a closed task in the timeline. Each is taken once."""

from collections.abc import Sequence
from typing import Any

from ..client import MOST_IDS, SalesforceClient
from ..fields import long_id
from ..soql import fill, id_chunks, select
from .records import ACCOUNT
from .sources import CONTACTS, CUSTOMERS, EMAILS
from .ways import contacts

Rows = Sequence[dict[str, Any]]
OF_TASK = ("Id", "AccountId", "WhoId")


def with_task(client: SalesforceClient, rows: Rows, paths: Sequence[str]) -> Rows:
    """A message names neither its contact nor, below an opportunity, its account: its task does both."""
    lacking = [row for row in rows if row.get("ActivityId") and (CONTACTS in paths or not is_of_account(row))]
    tasks: dict[str, dict[str, Any]] = {}
    for ids in id_chunks((row["ActivityId"] for row in lacking), MOST_IDS):
        tasks |= {long_id(task["Id"]): task for task in client.retrieve("Task", ids, OF_TASK) if task}
    return [beside(row, tasks.get(long_id(row.get("ActivityId") or ""), {})) for row in rows]


def apart(client: SalesforceClient, tasks: Rows, columns: Sequence[str]) -> tuple[Rows, Rows]:
    """Tasks without a message, and messages that hang on no account themselves, with what their task says."""
    by_id = {long_id(task["Id"]): task for task in tasks}
    messages: list[dict[str, Any]] = []
    for ids in id_chunks(by_id):
        condition = f"{EMAILS.inside} AND {fill('ActivityId IN {ids}', ids=ids)}"
        for page in client.pages(select(columns, EMAILS.object, condition)):
            messages += page.records
    doubled = {long_id(message["ActivityId"]) for message in messages}
    alone = [task for task_id, task in by_id.items() if task_id not in doubled]
    hanging = [beside(one, by_id[long_id(one["ActivityId"])]) for one in messages if not is_of_account(one)]
    return alone, hanging


def beside(message: dict[str, Any], task: dict[str, Any]) -> dict[str, Any]:
    customer = message.get("RelatedToId") if is_of_account(message) else task.get("AccountId")
    return {**message, CUSTOMERS: (customer,), CONTACTS: contacts(task.get("WhoId"))}


def is_of_account(message: dict[str, Any]) -> bool:
    return str(message.get("RelatedToId") or "").startswith(ACCOUNT)
