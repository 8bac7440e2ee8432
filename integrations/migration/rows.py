"""Records behind a finding as the pages list them, each with a link to where it can be put right."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.hub.models import Customer
from integrations.sync.origin import record_url

from .models import Company, Move
from .steps import Row


def customer_row(customer: Customer, detail: str) -> Row:
    return Row(customer.name, detail, reverse("hub:customer", args=[customer.pk]))


def company_row(move: Move, company: Company, detail: str) -> Row:
    url = record_url(move.new, "customers", company.source_id) if move.new else ""
    return Row(str(company), detail, url)


def old_id_rows(customers: Iterable[Customer], said: str) -> list[Row]:
    """`said` names the old ID: "%(old_id)s has no company"."""
    return [customer_row(one, said % {"old_id": vars(one)["old_id"]}) for one in customers]


def company_rows(move: Move, companies: Iterable[Company], said: str) -> list[Row]:
    return [
        company_row(move, one, said % {"old_id": one.old_id, "stage": one.stage or _("no stage")}) for one in companies
    ]
