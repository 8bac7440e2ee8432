"""Persons of the organizations that come in: all of them, nothing narrows them down."""

from integrations.setup.forms.contacts import ContactsForm
from integrations.setup.saving import Data


class PersonsForm(ContactsForm):
    def apply_to(self, data: Data) -> None:
        super().apply_to(data)
        for name in ("contact_view", "contact_view_label"):
            # The shared step has a view to choose; a connection of Pipedrive keeps none.
            data["settings"].pop(name, None)
