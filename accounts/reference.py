"""A short id for each request: shown on error pages and written into the log, so that one finds the other."""

import logging
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

_current: ContextVar[str] = ContextVar("reference", default="-")


def current() -> str:
    return _current.get()


class Reference:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _current.set(secrets.token_hex(4))
        try:
            return self.get_response(request)
        finally:
            _current.reset(token)


class AddReference(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.reference = current()
        return True
