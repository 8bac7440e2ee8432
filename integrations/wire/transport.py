"""What a failure below HTTP means: whether the call may have reached the system, and whether to try again."""

import ssl

import requests
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError, SSLError

from .errors import Misconfigured, Transient, WireError

NEVER_SENT = (NewConnectionError, ConnectTimeoutError)


def failure_of(error: Exception) -> WireError:
    cause = root_of(error)
    if is_untrusted(cause):
        return Misconfigured("TLS_UNTRUSTED", "The certificate of the host cannot be trusted.", fields=("base_url",))
    if isinstance(error, requests.exceptions.SSLError) or isinstance(cause, (SSLError, ssl.SSLError)):
        return Transient("TLS_FAILED", "No secure connection came about.", sent=True, repeatable=False)
    if isinstance(error, requests.ConnectTimeout) or isinstance(cause, NEVER_SENT):
        return Transient("NO_CONNECTION", "The host cannot be reached.")
    if isinstance(error, (requests.Timeout, TimeoutError)):
        return Transient("TIMED_OUT", "The answer did not come in time.", sent=True)
    return Transient("CONNECTION_LOST", "The connection broke before the answer was complete.", sent=True)


def root_of(error: Exception) -> BaseException:
    """requests wraps what urllib3 wraps; what happened stands innermost."""
    inner = error.args[0] if error.args else None
    if isinstance(error, MaxRetryError) and error.reason is not None:
        return error.reason
    if isinstance(error, (requests.RequestException, HTTPError)) and isinstance(inner, Exception):
        return root_of(inner)
    return error


def is_untrusted(cause: BaseException | None) -> bool:
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        inner = cause.args[0] if cause.args and isinstance(cause.args[0], BaseException) else None
        cause = inner or cause.__cause__
    return False
