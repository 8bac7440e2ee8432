"""Which rows a person may see: a restricted CSM sees customers of their own and of their teams, others see all."""

from django.db.models import QuerySet
from django.db.models.functions import Lower

from accounts.models import User
from accounts.permissions import Permission

from .models import Contact, CsmOwner, Customer


def visible_customers(user: User) -> QuerySet[Customer]:
    rows = Customer.objects.all()
    if not user.may(Permission.SEE_HUB):
        return rows.none()
    owners = user.visible_owners
    if owners is None:
        return rows
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
