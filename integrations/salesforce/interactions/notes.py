"""Notes of the enhanced kind: documents, found by the links from their accounts, their text one call each where it is long."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from integrations.engine.plain_text import of_html

from ..client import SalesforceClient
from ..fields import long_id
from ..soql import fill, id_chunks, select
from .records import ACCOUNT
from .sources import CONTACTS, CUSTOMERS, DOCUMENTS
from .ways import contacts

AT_ONCE = 100
"""Documents of a page: a run goes on between two pages, never within one."""
BODY = "Body"
SHORT = 250
TAGS_OF_ONE_PARAGRAPH = len("<p></p>")
COLUMNS = ("Id", "Title", "TextPreview", "ContentSize", "CreatedDate", "LastModifiedDate")


def linked_to(client: SalesforceClient, accounts: Sequence[str], since: str) -> list[str]:
    """Salesforce lists links of named records only."""
    found: dict[str, None] = {}
    for ids in id_chunks(accounts):
        condition = fill("LinkedEntityId IN {ids} AND ContentDocument.FileType = 'SNOTE'", ids=ids)
        if since:
            condition = f"{condition} AND ContentDocument.{since}"
        for page in client.pages(select(["ContentDocumentId"], "ContentDocumentLink", condition)):
            found |= {long_id(row["ContentDocumentId"]): None for row in page.records}
    return list(found)


def rows(client: SalesforceClient, ids: Sequence[str], paths: Sequence[str]) -> list[dict[str, Any]]:
    """Those that hang on an account; a private note, or one of a file's neighbours, hangs on none."""
    if not ids:
        return []
    hangs: dict[str, list[str]] = defaultdict(list)
    condition = fill("ContentDocumentId IN {ids}", ids=list(ids))
    for page in client.pages(select(["ContentDocumentId", "LinkedEntityId"], "ContentDocumentLink", condition)):
        for row in page.records:
            hangs[long_id(row["ContentDocumentId"])].append(long_id(row["LinkedEntityId"]))
    soql = select(COLUMNS, DOCUMENTS.object, fill("Id IN {ids}", ids=list(ids)))
    found = [row for page in client.pages(soql) for row in page.records]
    return [
        {**row, CUSTOMERS: customers, CONTACTS: contacts(*linked), BODY: body(client, row) if BODY in paths else None}
        for row in found
        if (linked := hangs[long_id(row["Id"])]) and (customers := [one for one in linked if one.startswith(ACCOUNT)])
    ]


def body(client: SalesforceClient, row: dict[str, Any]) -> str | None:
    """The preview where it is the whole text: one short paragraph and nothing beside it."""
    preview = row.get("TextPreview") or ""
    is_whole = int(row.get("ContentSize") or 0) <= len(preview.encode()) + TAGS_OF_ONE_PARAGRAPH
    if preview and len(preview) < SHORT and is_whole:
        return preview
    return of_html(client.content(DOCUMENTS.object, row["Id"]).decode(errors="replace")) or None
