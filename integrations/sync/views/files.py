"""A configuration file on a page: what is wrong with it, what it would change, and only then the change."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from ..configuration import (
    Draft,
    FileRefused,
    VersionMoved,
    WouldErase,
    apply_yaml,
    draft_differences,
    draft_erasures,
    read_yaml,
)
from ..configuration.files import NOT_HERE
from ..erasures import as_shown
from ..models import Connection

LARGEST = 1024 * 1024
UNREADABLE = -2


@requires(Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: SignedInRequest) -> HttpResponse:
    """Read, compared, shown; applied by a second answer that carries the very same text."""
    if request.method != "POST":
        return _page(request, "")
    text, refusal = _text_of(request)
    if refusal:
        return _page(request, text, problems=[("", refusal)])
    try:
        draft = read_yaml(text)
        if request.POST.get("act") != "apply":
            return _compared(request, text, draft)
        connection = _applied(request, draft)
    except WouldErase:
        return _compared(request, text, draft)
    except FileRefused as refused:
        return _page(request, text, problems=refused.problems)
    if connection is None:
        return _compared(request, text, draft, came_between=True)
    messages.success(
        request, _("%(name)s says what the file says. Nothing was read or written yet.") % {"name": connection.name}
    )
    return redirect("sync:connection", slug=connection.slug)


def _compared(request: SignedInRequest, text: str, draft: Draft, **more: Any) -> HttpResponse:
    # Before the differences are found: a save in between is noticed then, and never overwritten.
    version = draft.version
    more |= as_shown(draft_erasures(draft))
    return _page(request, text, draft=draft, version=version, changes=draft_differences(draft), **more)


def _applied(request: SignedInRequest, draft: Draft) -> Connection | None:
    """None where the connection is not as it was shown; nothing was written then."""
    shown = request.POST.get("version", "")
    try:
        return apply_yaml(draft, request.user, expected=_number(shown), read=request.POST.get("read", ""))
    except VersionMoved:
        return None


def _number(shown: str) -> int:
    """What is no version at all is none that a connection has."""
    if shown == str(NOT_HERE):
        return NOT_HERE
    return int(shown) if shown.isdecimal() and len(shown) < 10 else UNREADABLE


def _text_of(request: SignedInRequest) -> tuple[str, str]:
    sent = request.FILES.get("file")
    if sent is None:
        text = request.POST.get("text", "").replace("\r\n", "\n")
        return text, "" if text.strip() else _("Choose a file, or paste its text.")
    if sent.size is None or sent.size > LARGEST:
        return "", _("The file is larger than 1 MB. A configuration has some hundred lines.")
    try:
        return sent.read().decode("utf-8"), ""
    except UnicodeDecodeError:
        return "", _("The file is no text in UTF-8.")


def _page(request: SignedInRequest, text: str, **more: Any) -> HttpResponse:
    refused = bool(more.get("problems"))
    return render(request, "sync/import.html", {"text": text, **more}, status=400 if refused else 200)
