"""Scores from a CSV file: what matches, what would change and what is wrong, line by line; applied by a second answer."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts import audit, toasts
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.engine.reasons import Reason

from ..score_file import LARGEST, FileRefused, read_file, text_of
from ..scores import Matched, apply, matched, places_of
from ..visibility import editable_customers

SHOWN = 200


@requires(Permission.EDIT_HUB)
@require_http_methods(["GET", "HEAD", "POST"])
def scores_import(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, "")
    text = ""
    try:
        text = _text_of(request)
        file = read_file(text)
    except FileRefused as refused:
        return _page(request, text, refusal=str(refused), status=422)
    result = matched(file.asked, editable_customers(request.user))
    result.problems = places_of([*file.problems, *result.problems])
    if request.POST.get("do") != "apply" or not result.changes:
        return _page(request, text, result=result)
    if request.POST.get("read") != result.seal:
        return _page(request, text, result=result, moved=True, status=409)
    return _applied(request, text, result)


def _applied(request: SignedInRequest, text: str, result: Matched) -> HttpResponse:
    who = request.user.label
    refused = apply(result, by=who, why=Reason("by-import", {"by": who}))
    number = len(result.changes) - len(refused)
    audit.record(request, "imported scores", _("scores"), after={"customers": number})
    said = ngettext("Scores of %(n)d customer changed.", "Scores of %(n)d customers changed.", number) % {"n": number}
    if refused:
        return _page(request, text, result=Matched(problems=places_of(refused)), done=said, status=422)
    toasts.done(request, said)
    return redirect("hub:customers")


def _text_of(request: SignedInRequest) -> str:
    sent = request.FILES.get("file")
    if sent is None:
        text = str(request.POST.get("text", "")).replace("\r\n", "\n")
        if not text.strip():
            raise FileRefused(_("Choose a file, or paste its text."))
        return text
    if sent.size is None or sent.size > LARGEST:
        raise FileRefused(_("The file is larger than 1 MB. Split it into several."))
    return text_of(sent.read())


def _page(request: SignedInRequest, text: str, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"text": text, "shown": SHOWN, **more}
    return render(request, "hub/scores_import.html", context, status=status)
