from datetime import date, datetime, time
from typing import Any, cast

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.audit import Verb
from accounts.days import day_field
from accounts.layout import ConsoleFormHelper
from accounts.models import AuditEntry, Team, User
from accounts.permissions import Role


class PersonFields(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150)
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    teams = forms.ModelMultipleChoiceField(
        label=_("Teams"),
        queryset=Team.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A restricted CSM sees the customers of everybody in the same team."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = cast("forms.ChoiceField", self.fields["role"])
        role.choices = [(each.value, format_html("{}<small>{}</small>", each.label, each.meaning)) for each in Role]
        self.helper = ConsoleFormHelper()
        if not Team.objects.exists():
            del self.fields["teams"]

    @property
    def values(self) -> dict[str, Any]:
        return {"teams": [], **self.cleaned_data}


class AddPersonForm(PersonFields):
    email = forms.EmailField(label=_("E-mail"), help_text=_("They sign in with it; it cannot be changed later."))

    field_order = ("name", "email", "role", "teams")

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(_("Somebody with this e-mail is already here."))
        return email


class EditPersonForm(PersonFields):
    is_active = forms.BooleanField(
        label=_("May sign in"),
        required=False,
        help_text=_("Switched off, every session ends at once. Their name stays on what they did."),
    )

    def __init__(self, *args: Any, person: User, editor: User, **kwargs: Any) -> None:
        initial = {
            "name": person.name,
            "role": person.role,
            "is_active": person.is_active,
            "teams": list(person.teams.all()),
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.is_oneself = person == editor

    def clean_is_active(self) -> bool:
        active: bool = self.cleaned_data["is_active"]
        if self.is_oneself and not active:
            raise forms.ValidationError(_("You cannot switch off your own sign-in; another admin can."))
        return active


class OwnNameForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.helper = ConsoleFormHelper()


class TeamForm(forms.ModelForm):
    class Meta:
        model = Team
        fields = ("name", "members")
        widgets = {"members": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = ConsoleFormHelper()


class _Search(forms.Form):
    """GET forms: small controls in Bootstrap's classes, drawn by `parts/filters.html`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            select = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "form-select" if select else "form-control"


def words_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )


class PeopleSearch(_Search):
    q = words_field(_("Find"))
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("Any")), *Role.choices])

    def matching(self, people: QuerySet[User]) -> QuerySet[User]:
        if not self.is_valid():
            return people.none()
        q, role = self.cleaned_data["q"], self.cleaned_data["role"]
        if q:
            people = people.filter(Q(name__icontains=q) | Q(email__icontains=q))
        return people.filter(role=role) if role else people


class AuditSearch(_Search):
    who = words_field(_("Person"))
    what = forms.ChoiceField(label=_("What"), required=False)
    on = words_field(_("Object"))
    day = day_field(_("Day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        used = AuditEntry.objects.order_by("verb").values_list("verb", flat=True).distinct()
        known = dict(Verb.choices)
        what = cast("forms.ChoiceField", self.fields["what"])
        what.choices = [("", _("Any")), *((verb, known.get(verb, verb)) for verb in used)]

    def matching(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        if not self.is_valid():
            return entries.none()
        who, what, on, day = (self.cleaned_data[name] for name in ("who", "what", "on", "day"))
        if who:
            entries = entries.filter(actor__icontains=who)
        if what:
            entries = entries.filter(verb=what)
        if on:
            entries = entries.filter(Q(label__icontains=on) | Q(kind__iexact=on))
        return entries.filter(at__range=_whole(day)) if day else entries


def _whole(day: date) -> tuple[datetime, datetime]:
    zone = timezone.get_current_timezone()
    return datetime.combine(day, time.min, zone), datetime.combine(day, time.max, zone)
