"""What opening a connection's way to its CRM takes in every system: a session, the app, the CRM's own clock."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypedDict, Unpack

from django.conf import settings

from integrations.wire.errors import WireError
from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Call, Reply
from integrations.wire.quota import Budget, Quota
from integrations.wire.session import Auth, Session
from integrations.wire.tokens import App

from .allowance import Allowance

OnCall = Callable[[Call], None]


class How(TypedDict, total=False):
    """Whose session it is, and what it may do; left out: a person's, signed in as nobody, who may write."""

    auth: Auth | None
    read_only: bool
    interactive: bool
    allowance: Allowance | None
    on_call: OnCall | None


def session_with(
    policy: HostPolicy,
    *,
    classify: Callable[[Reply], WireError | None],
    read_quota: Callable[[Reply, datetime], Quota | None] | None,
    patience: tuple[float, float],
    **how: Unpack[How],
) -> Session:
    """`patience`: seconds of waiting within one page, of a run and of a person."""
    interactive, allowance = how.get("interactive", True), how.get("allowance")
    of_a_run, of_a_person = patience
    return Session(
        policy,
        auth=how.get("auth"),
        read_only=how.get("read_only", False),
        ca_file=settings.CRM_EXTRA_CA_FILE,
        classify=classify,
        read_quota=read_quota,
        budget=allowance.budget if allowance else Budget(),
        quota=allowance.quota if allowance else None,
        interactive=interactive,
        max_wait=of_a_person if interactive else of_a_run,
        on_call=how.get("on_call"),
    )


def app_for(connection: Any, secrets: Mapping[str, Any], own: App) -> App:
    """The connection's own app, else the one that this console was set up with."""
    return App(connection.client_id, str(secrets.get("client_secret") or "")) if connection.client_id else own


class Clocked:
    """Notes the CRM's own clock, which every answer tells beside its body."""

    def __init__(self) -> None:
        self.clock: datetime | None = None

    def note(self, reply: Reply, now: datetime) -> None:
        self.clock = moment_of(reply.headers.get("Date", "")) or now


def moment_of(told: str) -> datetime | None:
    """None where no clock was sent, or something that is none: a proxy's odd header must not end a run."""
    try:
        moment = parsedate_to_datetime(told)
        # Without a zone it is no server's local time: HTTP knows UTC alone.
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
