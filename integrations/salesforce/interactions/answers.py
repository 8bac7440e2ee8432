"""What Salesforce said about one record that was written, in the words that the runner knows."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from integrations.sync.connector import Answer, Sent

from ..fields import long_id

BUSY = frozenset({"UNABLE_TO_LOCK_ROW", "PROCESSING_HALTED"})
"""Another record's trouble, or another writer's moment: the same again may go through."""
GONE = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND"})
FOREIGN = "INVALID_CROSS_REFERENCE_KEY"


def answer_of(result: Mapping[str, Any], source_id: str = "") -> Sent:
    """`source_id`: of a record that is known; a reference that names no field then means the record itself."""
    if result.get("success"):
        return Sent(Answer.DONE, long_id(str(result["id"])))
    return refusal(result.get("errors") or [{}], source_id)


def refusal(errors: list[Any], source_id: str = "") -> Sent:
    error = errors[0]
    code = str(error.get("statusCode") or error.get("errorCode") or "")
    fields = tuple(str(name) for name in error.get("fields") or ())
    is_gone = bool(source_id) and (code in GONE or (code == FOREIGN and not fields))
    answer = Answer.GONE if is_gone else Answer.BUSY if code in BUSY else Answer.REFUSED
    return Sent(answer, source_id, code, str(error.get("message") or ""), fields)


def sent_already(source_id: str) -> Sent:
    """Without a call: the answer is known."""
    message = _("Salesforce lets nobody change an e-mail that was sent.")
    return Sent(Answer.REFUSED, source_id, "EMAIL_WAS_SENT", message)
