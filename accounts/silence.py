"""Which server answers, and in which version, is nobody's business."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class Silent:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # A server fills in its own name and version where an answer names none.
        response["Server"] = "console"
        return response
