"""The lists' search forms: GET, so that every view of a list is a link."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from integrations.engine.compare import fold

from . import panels
from .models import Contact, CsmOwner, Customer, HealthProfile, Stage

ANY = ("", _("Any"))
NOBODY = "0"
ROLE_TAGS = {
    "is_champion": _("Champion"),
    "is_sponsor": _("Sponsor"),
    "is_key_user": _("Key user"),
    "is_end_user": _("End user"),
}
CUSTOMER_SORTS = {"name": "name_key", "stage": "stage__position", "csm": "csm__name", "changed": "updated_at"}
CONTACT_SORTS = {"name": "name_key", "email": "email_key", "customer": "customer__name_key", "changed": "updated_at"}


def order_of(asked: str, sorts: dict[str, str]) -> tuple[str, str]:
    """A wish that is no column falls back to the name, or to the newest start; the id makes the order total, so that paging repeats nothing."""
    if asked.removeprefix("-") not in sorts and "start" in sorts:
        asked = "-start"
    column = sorts.get(asked.removeprefix("-"), "name_key")
    sign = "-" if asked.startswith("-") and asked.removeprefix("-") in sorts else ""
    return f"{sign}{column}", f"{sign}pk"


class Search(forms.Form):
    q = forms.CharField(label=_("Find"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
        self.fields["q"].widget.input_type = "search"

    def offer(self, name: str, *choices: Any) -> None:
        field: Any = self.fields[name]
        field.choices = [ANY, *choices]

    @property
    def asked(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if value} if self.is_valid() else {}


class CustomerSearch(Search):
    stage = forms.ChoiceField(label=_("Stage"), required=False)
    profile = forms.ChoiceField(label=_("Profile"), required=False)
    csm = forms.ChoiceField(label=_("CSM owner"), required=False)
    source = forms.ChoiceField(label=_("Comes from"), required=False)
    family = forms.ChoiceField(
        label=_("Group"),
        required=False,
        choices=[ANY, ("parents", _("Has children")), ("children", _("Has a parent")), ("single", _("Stands alone"))],
    )
    contacts = forms.ChoiceField(
        label=_("Contacts"), required=False, choices=[ANY, ("none", _("None")), ("some", _("At least one"))]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs["placeholder"] = _("Name, domain or customer ID")
        self.offer("stage", *Stage.objects.values_list("name", "label"))
        self.offer("profile", *_names(HealthProfile.objects.values_list("pk", "name")))
        owners = [(str(owner.pk), str(owner)) for owner in CsmOwner.objects.all()]
        self.offer("csm", (NOBODY, _("Nobody")), *owners)
        self.offer("source", (NOBODY, _("No connection")), *panels.desk().connections())

    def matching(self, rows: QuerySet[Customer]) -> QuerySet[Customer]:
        if not self.is_valid():
            return rows.none()
        for name, value in self.asked.items():
            rows = getattr(self, f"_by_{name}")(rows, value)
        return rows

    def _by_q(self, rows: QuerySet[Customer], value: str) -> QuerySet[Customer]:
        return rows.filter(
            Q(name_key__contains=fold(value))
            | Q(name__icontains=value)
            | Q(domain__icontains=value)
            | Q(ref_id__icontains=value)
        )

    def _by_stage(self, rows: QuerySet[Customer], value: str) -> QuerySet[Customer]:
        return rows.filter(stage__name=value)

    def _by_profile(self, rows: QuerySet[Customer], value: str) -> QuerySet[Customer]:
        return rows.filter(profile_id=int(value))

    def _by_csm(self, rows: QuerySet[Customer], value: str) -> QuerySet[Customer]:
        return rows.filter(csm=None) if value == NOBODY else rows.filter(csm_id=int(value))

    def _by_source(self, rows: QuerySet[Customer], value: str) -> QuerySet[Customer]:
        return held_by(rows, "customers", value)

    def _by_family(self, rows: QuerySet[Customer], value: str) -> QuerySet[Customer]:
        if value == "children":
            return rows.exclude(parent=None)
        has_children = Exists(Customer.objects.filter(parent=OuterRef("pk")))
        return rows.filter(has_children) if value == "parents" else rows.filter(~has_children, parent=None)

    def _by_contacts(self, rows: QuerySet[Customer], value: str) -> QuerySet[Customer]:
        has_contacts = Exists(Contact.objects.filter(customer=OuterRef("pk")))
        return rows.filter(~has_contacts) if value == "none" else rows.filter(has_contacts)


class ContactSearch(Search):
    role = forms.ChoiceField(
        label=_("Role"),
        required=False,
        choices=[ANY, *ROLE_TAGS.items()],
    )
    source = forms.ChoiceField(label=_("Comes from"), required=False)
    gone = forms.ChoiceField(
        label=_("In the CRM"), required=False, choices=[ANY, ("no", _("Still there")), ("yes", _("Gone"))]
    )
    customer = forms.IntegerField(required=False, min_value=1, max_value=10**18, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs["placeholder"] = _("Name, e-mail, customer or contact ID")
        self.offer("source", (NOBODY, _("No connection")), *panels.desk().connections())

    def matching(self, rows: QuerySet[Contact]) -> QuerySet[Contact]:
        if not self.is_valid():
            return rows.none()
        asked = self.cleaned_data
        if asked["q"]:
            rows = rows.filter(self._words(asked["q"]))
        if asked["role"]:
            rows = rows.filter(**{asked["role"]: True})
        if asked["gone"]:
            rows = rows.filter(gone_at__isnull=asked["gone"] == "no")
        if asked["customer"]:
            rows = rows.filter(customer=asked["customer"])
        return held_by(rows, "contacts", asked["source"]) if asked["source"] else rows

    def _words(self, value: str) -> Q:
        folded = fold(value)
        return (
            Q(name_key__contains=folded)
            | Q(email_key__contains=folded)
            | Q(email__icontains=value)
            | Q(customer__name_key__contains=folded)
            | Q(ref_id__icontains=value)
        )


def _names(rows: QuerySet[Any]) -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in rows]


def held_by(rows: QuerySet[Any], entity: str, slug: str) -> QuerySet[Any]:
    """Rows that one connection holds; or, asked for no connection, those that none of them holds."""
    desk = panels.desk()
    if slug != NOBODY:
        return rows.filter(pk__in=desk.rows_of(entity, slug))
    for known, _name in desk.connections():
        rows = rows.exclude(pk__in=desk.rows_of(entity, known))
    return rows
