"""What an HTTP status means where the system's own classification says nothing."""

from .errors import AuthExpired, Conflict, Misconfigured, NotFound, RateLimited, Rejected, Transient, WireError
from .messages import Reply

NOT_MODIFIED = 304


def error_of_status(reply: Reply) -> WireError | None:
    status, code = reply.status, f"HTTP_{reply.status}"
    if status < 300 or status == NOT_MODIFIED:
        return None
    said = summary(reply)
    if status < 400:
        # Followed, the credentials would go wherever the answer points.
        return Misconfigured("REDIRECTED", f"The host answers with another address ({status}).", status=status)
    if status >= 500:
        return Transient(code, said, sent=True, status=status)
    match status:
        case 401:
            return AuthExpired(code, said, status=status)
        case 403 | 405 | 410 | 414 | 415 | 431:
            return Misconfigured(code, said, status=status)
        case 404:
            return NotFound(code, said, status=status)
        case 408:
            return Transient(code, said, sent=True, status=status)
        case 409 | 412:
            return Conflict(code, said, status=status)
        case 429:
            return RateLimited(code, said, status=status)
        case _:
            return Rejected(code, said, status=status)


def summary(reply: Reply) -> str:
    """The beginning of the body; a gateway's HTML page says nothing that helps."""
    text = reply.text.strip()
    return "" if text.startswith("<") else text[:300]
