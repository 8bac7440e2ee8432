# ruff: noqa: N818 (named for what happened and what follows, not for being errors)
"""The few ways in which a call can end badly, each tied to one decision of the caller.

`code` and `message` are the vendor's own words, redacted; `str(error)` is safe to show and to store.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from .redact import mask, redact

LONGEST_CODE, LONGEST_MESSAGE = 120, 500
SHORTEST_IN_CODE = 8


class WireError(Exception):
    """Base of all errors of the wire; catch the subclasses, each stands for a decision."""

    def __init__(self, code: str = "", message: str = "", *, fields: Iterable[str] = (), status: int = 0) -> None:
        super().__init__(code, message)
        self.status = status
        self._keep(redact(code), message.strip(), fields, redact)

    def hide(self, secrets: Iterable[str]) -> None:
        """Blots out values that only the caller knows to be secret (a token echoed in free text, or as a code)."""
        known = tuple(secrets)
        # A few letters stand in honest codes too, and a cause that is blotted out finds no cure.
        long = [secret for secret in known if len(secret) >= SHORTEST_IN_CODE]
        self._keep(mask(self._whole_code, long), self._whole, self.fields, lambda text: mask(text, known))

    def _keep(self, code: str, message: str, fields: Iterable[str], clean: Callable[[str], str]) -> None:
        # Cut last: of a secret that the end cuts in two, the first half would stand there unrecognised.
        self._whole_code, self._whole = code, clean(message)
        self.code, self.message = code[:LONGEST_CODE], self._whole[:LONGEST_MESSAGE]
        self.fields = tuple(clean(name) for name in fields)
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
