"""Turning a prospect into a client."""

from collections.abc import Callable

from integrations.simulation.messages import Request, Response

from . import notices
from .account import Account
from .errors import conflict
from .kind import Kind
from .listing import answer
from .rules import verified
from .thirds import conversion


def convert_of(kind: Kind) -> Callable[..., Response]:
    """A prospect becomes a client; the type is not in a PUT."""

    def convert(account: Account, request: Request, number: str) -> Response:
        record = account.must_get(kind.name, number)
        sent = verified(conversion(), request.json)
        if record.body.get("type") == sent["target"]:
            raise conflict("Cette société est déjà un client.")
        account.faults.on_write()
        record.body["type"] = sent["target"]
        account.store.write(record)
        notices.tell(account, "transform", record)
        return answer(kind.tell(account, [record])[0])

    return convert
