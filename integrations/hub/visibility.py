"""Which rows a person may see, and which they may change.

A restricted CSM sees customers of their own and of their teams, others see all. Admins and managers change all, CSMs
those that they or their teams look after.
"""

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from accounts.refused import NotTheirs

from .models import Agreement, Contact, CsmOwner, Customer, Interaction


def visible_customers(user: User) -> QuerySet[Customer]:
    rows = Customer.objects.all()
    if not user.may(Permission.SEE_HUB):
        return rows.none()
    return _looked_after(user) if user.role_of.sees_only_own_customers else rows


def editable_customers(user: User) -> QuerySet[Customer]:
    if not user.may(Permission.EDIT_HUB):
        return Customer.objects.none()
    return Customer.objects.all() if user.role_of.edits_all_customers else _looked_after(user)


def editable_contacts(user: User) -> QuerySet[Contact]:
    return Contact.objects.filter(customer__in=editable_customers(user))


def editable_agreements(user: User) -> QuerySet[Agreement]:
    return Agreement.objects.filter(customer__in=editable_customers(user))


def not_theirs(customer: Customer | None = None) -> NotTheirs:
    """Says whose it is: the page that shows it adds who may all the same."""
    rule = _("A CSM changes the customers that they or their teams look after.")
    if customer is None:
        return NotTheirs(rule)
    said = {"name": customer.name, "csm": str(customer.csm) if customer.csm else _("nobody")}
    return NotTheirs(f"{_('%(name)s is looked after by %(csm)s.') % said} {rule}")


def _looked_after(user: User) -> QuerySet[Customer]:
    """Theirs, those that they help with, and those of everybody in the same teams."""
    rows, owners = Customer.objects.all(), user.own_and_teams
    # CRMs spell addresses as they like: compare in lower case, whatever an import wrote.
    colleagues = CsmOwner.objects.annotate(folded=Lower("email"))
    helped = Customer.team.through.objects.filter(csmowner__in=colleagues.filter(folded=user.email.lower()))
    owned = rows.filter(csm__in=colleagues.filter(folded__in=[email.lower() for email in owners]))
    return owned | rows.filter(pk__in=helped.values("customer"))


def visible_contacts(user: User) -> QuerySet[Contact]:
    rows = Contact.objects.all()
    if user.role_of.sees_only_own_customers:
        return rows.filter(customer__in=visible_customers(user))
    return rows if user.may(Permission.SEE_HUB) else rows.none()


def visible_interactions(user: User) -> QuerySet[Interaction]:
    rows = Interaction.objects.all()
    if user.role_of.sees_only_own_customers:
        return rows.filter(customer__in=visible_customers(user))
    return rows if user.may(Permission.SEE_HUB) else rows.none()


def visible_agreements(user: User) -> QuerySet[Agreement]:
    rows = Agreement.objects.all()
    if user.role_of.sees_only_own_customers:
        return rows.filter(customer__in=visible_customers(user))
    return rows if user.may(Permission.SEE_HUB) else rows.none()
