from integrations.engine.values import Value

from ..fields import fields_of
from ..models import Contact
from ..shown import value_of
from .row import RowForm


class ContactForm(RowForm):
    entity = "contacts"


def values_of(row: Contact) -> dict[str, Value]:
    return {name: value_of(row, field) for name, field in fields_of("contacts").items()}
