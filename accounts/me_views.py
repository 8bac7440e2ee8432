from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import Verb
from accounts.forms import OwnNameForm
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest


@requires(Permission.ENTER)
def me(request: SignedInRequest) -> HttpResponse:
    before = {"name": request.user.name}
    form = OwnNameForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        person = form.save()
        old, new = audit.changes(before, {"name": person.name})
        if new:
            audit.record(request, Verb.CHANGED, person, before=old, after=new)
        messages.info(request, _("You are shown as %(name)s from now on.") % {"name": person.name})
        return redirect("accounts:me")
    granted = [permission for permission in Permission if request.user.may(permission)]
    return render(request, "accounts/me.html", {"form": form, "granted": granted})
