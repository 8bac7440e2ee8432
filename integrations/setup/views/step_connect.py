from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from integrations.sync import credentials
from integrations.sync.models import Connection, ConnectionState
from integrations.wire.errors import NeedsSignIn

from ..guide import Guide, guide_of
from ..looks import Looks
from ..trouble import Trouble, trouble_of, trouble_of_code
from .sign_in import connect_page, sign_in


def connect_step(request: HttpRequest, looks: Looks) -> HttpResponse:
    connection = looks.connection
    stored, unreadable = stored_or_why(connection)
    guide = looks.guide
    form = guide.connect_form(connection, stored, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return sign_in(request, guide, form)
    page = connect_page(connection, form)
    return render(
        request, f"{guide.system}/connect.html", page | {"trouble": unreadable or trouble_kept(guide, page["live"])}
    )


def stored_or_why(connection: Connection) -> tuple[dict[str, Any], Trouble | None]:
    """Here they can be replaced, so what does not open is said and not raised."""
    try:
        return credentials.load(connection), None
    except NeedsSignIn as unreadable:
        return {}, trouble_of(guide_of(connection), unreadable)


def trouble_kept(guide: Guide, live: ConnectionState | None) -> Trouble | None:
    """What the last failed try left behind, for as long as nothing has worked since."""
    if live is None or not live.health_code or live.health == ConnectionState.Health.OK:
        return None
    return trouble_of_code(guide, live.health_code, live.health_message)
