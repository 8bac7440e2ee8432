"""The address of a row that was merged away leads on to the row that it became part of."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.requests import SignedInRequest

from .. import panels

ADDRESSES = {"customers": "hub:customer", "contacts": "hub:contact"}


def follow(request: SignedInRequest, entity: str, pk: int, visible: QuerySet[Any]) -> HttpResponse:
    """Where nobody merged it, or the survivor is not this person's to see, there is nothing here."""
    survivor = panels.desk().merged_into(entity, pk)
    if survivor is None or not visible.filter(pk=survivor).exists():
        raise Http404
    messages.info(request, _("This row was merged into the one shown here. The merge stands in its changes."))
    return redirect(ADDRESSES[entity], survivor)
