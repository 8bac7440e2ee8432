from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from integrations.sync import credentials
from integrations.sync.models import ConnectionState

from ..forms.connect import ConnectForm
from ..looks import Looks
from ..trouble import Trouble, trouble_of_code
from .sign_in import connect_page, sign_in


def connect_step(request: HttpRequest, looks: Looks) -> HttpResponse:
    connection = looks.connection
    form = ConnectForm(connection, credentials.load(connection), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return sign_in(request, form)
    page = connect_page(connection, form)
    return render(request, "salesforce/connect.html", page | {"trouble": trouble_kept(page["live"])})


def trouble_kept(live: ConnectionState | None) -> Trouble | None:
    """What the last failed try left behind, for as long as nothing has worked since."""
    if live is None or not live.health_code or live.health == ConnectionState.Health.OK:
        return None
    return trouble_of_code(live.health_code, live.health_message)
