"""What follows from the answer to one sending, in one word: the inspector of calls shows it beside the status."""

from enum import StrEnum

from .errors import (
    AlreadyExists,
    AuthExpired,
    Conflict,
    Misconfigured,
    NeedsSignIn,
    NotFound,
    RateLimited,
    Rejected,
    Transient,
    WireError,
)


class Decision(StrEnum):
    TAKEN = "taken"
    AGAIN = "again"
    """Sent again a little later."""
    RENEWED = "renewed"
    """The access had ended: another one was fetched, and the call sent again."""
    WAITS = "waits"
    PARKED = "parked"
    SIGN_IN = "sign-in"
    REFUSED = "refused"
    GONE = "gone"
    EXISTS = "exists"
    ASKED = "asked"
    STOPPED = "stopped"


BY_ERROR: tuple[tuple[type[WireError], Decision], ...] = (
    (Transient, Decision.WAITS),
    (RateLimited, Decision.WAITS),
    (AuthExpired, Decision.SIGN_IN),
    (NeedsSignIn, Decision.SIGN_IN),
    (Rejected, Decision.REFUSED),
    (NotFound, Decision.GONE),
    (AlreadyExists, Decision.EXISTS),
    (Conflict, Decision.ASKED),
    (Misconfigured, Decision.STOPPED),
)


def decision_of(error: WireError) -> Decision:
    """Of an error that the session hands on: what its class asks of the caller."""
    if isinstance(error, RateLimited) and error.daily:
        return Decision.PARKED
    return next((decision for kind, decision in BY_ERROR if isinstance(error, kind)), Decision.STOPPED)
