from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import people as acts
from accounts.forms import AddPersonForm, EditPersonForm, PeopleSearch
from accounts.models import AuditEntry, User
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

SORTS = {"name", "-name", "role", "-role", "last_seen", "-last_seen"}


@requires(Permission.SEE_PEOPLE)
@require_GET
def people(request: SignedInRequest) -> HttpResponse:
    search = PeopleSearch(request.GET)
    sort = request.GET.get("sort", "name")
    found = search.matching(User.objects.prefetch_related("teams")).order_by(sort if sort in SORTS else "name", "email")
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    return render(request, "accounts/people.html", {"search": search, "page": page, "default_sort": "name"})


@requires(Permission.EDIT_PEOPLE)
@never_cache
def add_person(request: SignedInRequest) -> HttpResponse:
    form = AddPersonForm(request.POST or None, initial={"role": "csm"})
    if request.method == "POST" and form.is_valid():
        person = acts.add_person(request, **form.values)
        # Shown in this very answer and kept nowhere: a second look needs a new link.
        return render(request, "accounts/link.html", {"person": person, "link": acts.invite(request, person)})
    return render(request, "accounts/add_person.html", {"form": form})


@requires(Permission.SEE_PEOPLE, to_change=Permission.EDIT_PEOPLE)
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(User.objects.prefetch_related("teams"), pk=pk)
    form = EditPersonForm(request.POST or None, person=shown, editor=request.user)
    if request.method == "POST" and form.is_valid() and _changed(request, shown, form):
        return redirect("accounts:person", pk=pk)
    return render(request, "accounts/person.html", {"person": shown, "form": form, **_surroundings(request, shown)})


@requires(Permission.EDIT_PEOPLE)
@require_POST
@never_cache
def new_link(request: SignedInRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk, is_active=True)
    return render(request, "accounts/link.html", {"person": person, "link": acts.invite(request, person)})


@requires(Permission.EDIT_PEOPLE)
@require_POST
def end_sessions(request: SignedInRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    ended = acts.end_sessions(request, person)
    text = ngettext("%(count)d session of %(name)s ended.", "%(count)d sessions of %(name)s ended.", ended)
    messages.info(request, text % {"count": ended, "name": person.label})
    return redirect("accounts:person", pk=pk)


def _changed(request: SignedInRequest, person: User, form: EditPersonForm) -> bool:
    try:
        changed = acts.change_person(request, person, **form.values)
    except ValidationError as refusal:
        form.add_error("role", refusal)
        return False
    messages.info(request, _("%(name)s is saved as %(role)s. It counts from their next click.") % _names(changed))
    return True


def _names(person: User) -> dict[str, str]:
    return {"name": person.label, "role": person.get_role_display()}


def _surroundings(request: SignedInRequest, person: User) -> dict[str, object]:
    if not request.user.may(Permission.EDIT_PEOPLE):
        return {"trail": AuditEntry.objects.filter(actor_id=person.pk)[:10]}
    return {
        "sessions": UserSession.objects.filter(user=person).order_by("-last_seen_at"),
        "trail": AuditEntry.objects.filter(actor_id=person.pk)[:10],
    }
