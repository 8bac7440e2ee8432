"""Says what was done, with the way to take it back beside it."""

from django.contrib import messages
from django.http import HttpRequest

UNDO = "undo:"


def done(request: HttpRequest, text: str, undo_url: str = "") -> None:
    """`undo_url` is posted to; empty where nothing can be taken back."""
    messages.success(request, text, extra_tags=f"{UNDO}{undo_url}" if undo_url else "")
