"""The rows that the CRM brought into the hub, by whose IDs Intercom's records are recognised."""

from typing import Any

from integrations.hub.models import Contact, Customer, Stage


def customer(ref_id: str, name: str = "As the CRM says", **more: Any) -> Customer:
    found: Customer = Customer.objects.create(
        name=name, name_key=name.casefold(), ref_id=ref_id, stage=Stage.objects.get(name="run"), **more
    )
    return found


def contact(ref_id: str, owner: Customer, last_name: str = "As the CRM says", **more: Any) -> Contact:
    email = more.get("email", "")
    found: Contact = Contact.objects.create(
        ref_id=ref_id, customer=owner, last_name=last_name, email_key=email.casefold(), **more
    )
    return found
