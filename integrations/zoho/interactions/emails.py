"""E-mails that were typed by hand, logged on their account. They only go out: Zoho lists them record by record, and names no new ones."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.engine.mapping import Kind
from integrations.engine.plain_text import to_html
from integrations.engine.values import Value
from integrations.sync.connector import Answer, CrmField, Schema, Send, Sent

from ..client import WritingClient
from ..columns import stamp
from ..replies import Item, details_of, named
from ..rows import CUSTOMER
from ..scope import ACCOUNTS
from ..verdicts import SUCCESS
from .placeholders import first_words

EMAILS, MODULE = "emails", "Emails"
SUBJECT, CONTENT, WHEN, INCOMING, PARTICIPANTS = "subject", "content", "date_time", "@incoming", "@participants"
LONGEST_SUBJECT = 250
AT_ONCE = 10
"""E-mails of one account in a call: as many as Zoho shows of a record at a time."""
FIELDS = (
    (SUBJECT, gettext_lazy("Subject"), "text", Kind.TEXT),
    (CONTENT, gettext_lazy("Text"), "textarea", Kind.LONG_TEXT),
    (WHEN, gettext_lazy("Sent"), "datetime", Kind.DATETIME),
    (INCOMING, gettext_lazy("Is incoming"), "boolean", Kind.BOOL),
    (PARTICIPANTS, gettext_lazy("From and to"), "email", Kind.LIST),
)
Mail = dict[str, Any]


def schema() -> Schema:
    return Schema(
        EMAILS, tuple(CrmField(path, str(label), kind, ours, is_createable=True) for path, label, kind, ours in FIELDS)
    )


class EmailWriter:
    def __init__(self, client: WritingClient) -> None:
        self.client = client

    def write(self, sends: Sequence[Send]) -> list[Sent]:
        """One call for those of an account. An unanswered one is not sent again: nothing finds it by our key."""
        answers: dict[int, Sent] = {}
        of_accounts: defaultdict[str, list[tuple[int, Mail]]] = defaultdict(list)
        for place, send in enumerate(sends):
            refused = refusal_of(send)
            if refused:
                answers[place] = refused
            else:
                of_accounts[str(send.values[CUSTOMER])].append((place, self._mail(send)))
        for account, mails in of_accounts.items():
            for start in range(0, len(mails), AT_ONCE):
                part = mails[start : start + AT_ONCE]
                items = self.client.log_emails(ACCOUNTS, account, [mail for _place, mail in part])
                answers |= {place: answer_of(item) for (place, _mail), item in zip(part, items, strict=True)}
        return [answers[place] for place in range(len(sends))]

    @cached_property
    def _me(self) -> Mail:
        told = self.client.current_user()
        return {"user_name": str(told.get("full_name") or ""), "email": str(told["email"])}

    def _mail(self, send: Send) -> Mail:
        values, people = send.values, addresses(send.values.get(PARTICIPANTS))
        is_incoming = bool(values.get(INCOMING))
        # Of an e-mail that came the first one wrote it; of one that went all received it.
        sender, receivers = (people[0], [self._me, *people[1:]]) if is_incoming else (self._me, people)
        when = values[WHEN]
        assert isinstance(when, datetime)
        subject = str(values.get(SUBJECT) or first_words(str(values.get(CONTENT) or "")))
        return {
            "from": sender, "to": receivers, "subject": subject[:LONGEST_SUBJECT],
            "content": to_html(str(values.get(CONTENT) or "")), "mail_format": "html", "date_time": stamp(when),
            "sent": not is_incoming, "original_message_id": send.key,
        }  # fmt: skip


def refusal_of(send: Send) -> Sent | None:
    if send.source_id:
        message = _("Zoho lets nobody change an e-mail that was logged.")
        return Sent(Answer.REFUSED, send.source_id, "EMAIL_WAS_SENT", message)
    values: Mapping[str, Value] = send.values
    missing = [path for path in (CUSTOMER, WHEN, PARTICIPANTS) if not values.get(path)]
    if missing:
        message = _("Zoho logs an e-mail only with the time and the addresses of who took part.")
        return Sent(Answer.REFUSED, "", "MANDATORY_NOT_FOUND", message, tuple(missing))
    return None


def answer_of(item: Item) -> Sent:
    code, message = str(item.get("code") or ""), str(item.get("message") or "")
    if code == SUCCESS:
        return Sent(Answer.DONE, str(details_of(item).get("message_id") or ""))
    return Sent(Answer.REFUSED, "", code, message, named(item))


def addresses(value: Value) -> list[Mail]:
    return [{"user_name": address, "email": address} for address in value] if isinstance(value, tuple) else []
