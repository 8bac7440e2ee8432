from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import audit
from accounts.audit import Verb
from accounts.forms import TeamForm
from accounts.models import Team
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest


@requires(Permission.SEE_PEOPLE)
@require_GET
def teams(request: SignedInRequest) -> HttpResponse:
    found = Team.objects.annotate(size=Count("members")).prefetch_related("members")
    return render(request, "accounts/teams.html", {"teams": found})


@requires(Permission.EDIT_PEOPLE)
def edit_team(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    team = get_object_or_404(Team, pk=pk) if pk else Team()
    form = TeamForm(request.POST or None, instance=team)
    if request.method == "POST" and form.is_valid():
        _save(request, form, is_new=pk is None)
        return redirect("accounts:teams")
    return render(request, "accounts/team.html", {"form": form, "team": team})


@requires(Permission.EDIT_PEOPLE)
@require_POST
def delete_team(request: SignedInRequest, pk: int) -> HttpResponse:
    team = get_object_or_404(Team, pk=pk)
    with transaction.atomic():
        audit.record(request, Verb.DELETED, team, before=_picture(team))
        team.delete()
    messages.info(request, _("The team %(name)s is gone. Its members stay.") % {"name": team.name})
    return redirect("accounts:teams")


def _save(request: SignedInRequest, form: TeamForm, *, is_new: bool) -> None:
    with transaction.atomic():
        before = {} if is_new else _picture(Team.objects.get(pk=form.instance.pk))
        team = form.save()
        old, new = audit.changes(before, _picture(team))
        if new:
            audit.record(request, Verb.CREATED if is_new else Verb.CHANGED, team, before=old, after=new)
    messages.info(request, _("The team %(name)s is saved.") % {"name": team.name})


def _picture(team: Team) -> dict[str, object]:
    return {"name": team.name, "members": [member.label for member in team.members.all()]}
