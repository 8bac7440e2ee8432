from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """What views behind the door receive: the door has made sure that somebody is there."""

    user: User
