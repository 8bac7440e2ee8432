# ruff: noqa: N818 (named for what happened and what follows, not for being errors)
"""The few ways in which a call can end badly, each tied to one decision of the caller.

`code` and `message` are the vendor's own words, redacted; `str(error)` is safe to show and to store.
"""

from collections.abc import Iterable
from datetime import datetime

from .redact import mask, redact

LONGEST_MESSAGE = 500


class WireError(Exception):
    """Base of all errors of the wire; catch the subclasses, each stands for a decision."""

    def __init__(self, code: str = "", message: str = "", *, fields: Iterable[str] = (), status: int = 0) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = redact(message.strip())[:LONGEST_MESSAGE]
        self.fields = tuple(fields)
        self.status = status
        self.args = (self.code, self.message)

    def hide(self, secrets: Iterable[str]) -> None:
        """Blots out values that only the caller knows to be secret (a token echoed in free text)."""
        self.message = mask(self.message, secrets)
        self.args = (self.code, self.message)

    def __str__(self) -> str:
        return ": ".join(part for part in (self.code, self.message) if part) or type(self).__name__


class Transient(WireError):
    """Back off and try again. `sent` means that the outcome is unknown: look a create up before repeating it."""

    def __init__(
        self,
        code: str = "",
        message: str = "",
        *,
        after: float | None = None,
        sent: bool = False,
        repeatable: bool = True,
        status: int = 0,
    ) -> None:
        super().__init__(code, message, status=status)
        self.after = after
        self.sent = sent
        self.repeatable = repeatable
        """False where sending the very same call again cannot help (the caller has to begin anew)."""


class RateLimited(WireError):
    """Wait `after` seconds; or, where `daily`, park the run `until` the quota has room."""

    def __init__(
        self,
        code: str = "",
        message: str = "",
        *,
        after: float | None = None,
        daily: bool = False,
        until: datetime | None = None,
        status: int = 0,
    ) -> None:
        super().__init__(code, message, status=status)
        self.after = after
        self.daily = daily
        self.until = until


class AuthExpired(WireError):
    """Refresh the sign-in once and repeat the call."""


class NeedsSignIn(WireError):
    """The grant is dead: stop the connection, tell an admin once, never retry."""


class Rejected(WireError):
    """This record was refused (`fields` name the culprits where known): log it on the record and go on."""


class NotFound(WireError):
    """The record or view is not there (any more): the link becomes gone, nobody churns by it."""


class AlreadyExists(WireError):
    """The record exists as `source_id`: link to it instead of creating."""

    def __init__(self, source_id: str, code: str = "", message: str = "", *, status: int = 0) -> None:
        super().__init__(code, message, status=status)
        self.source_id = source_id


class Conflict(WireError):
    """Two answers are possible, or the record moved under us: ask a person."""


class Misconfigured(WireError):
    """The set-up cannot work as it is (field gone, permission missing, wrong host): stop the run and say why."""


class DryRun(WireError):
    """The call would have changed something in the CRM; it was not sent."""

    def __init__(self, method: str, url: str) -> None:
        super().__init__("DRY_RUN", f"{method} {url}")
        self.method = method
        self.url = redact(url)
