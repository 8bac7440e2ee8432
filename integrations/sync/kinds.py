"""What a row is, in a word: `customer`, `meeting of Aldervale`."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.hub.fields import INTERACTION_TYPES

INTERACTIONS = frozenset({*INTERACTION_TYPES, "interactions"})
ONE: dict[str, str | Promise] = {
    "customers": _("customer"),
    "contacts": _("contact"),
    "agreements": _("agreement"),
    "interactions": _("interaction"),
    "emails": _("e-mail"),
    "meetings": _("meeting"),
    "calls": _("call"),
    "notes": _("note"),
}
OF: dict[str, str | Promise] = {
    "contacts": _("contact of %(customer)s"),
    "agreements": _("agreement of %(customer)s"),
    "interactions": _("interaction of %(customer)s"),
    "emails": _("e-mail of %(customer)s"),
    "meetings": _("meeting of %(customer)s"),
    "calls": _("call of %(customer)s"),
    "notes": _("note of %(customer)s"),
}


def kind_of(object_name: str, customer: str = "") -> str:
    if customer and object_name in OF:
        return str(OF[object_name]) % {"customer": customer}
    return str(ONE.get(object_name, object_name))
