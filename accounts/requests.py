from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class ConsoleRequest(HttpRequest):
    htmx: HtmxDetails


class SignedInRequest(ConsoleRequest):
    """What views behind the door receive: the door has made sure that somebody is there."""

    user: User
