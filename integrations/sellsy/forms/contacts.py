"""Which contacts come in: those of the clients, if wished without one's own colleagues."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.engine.generic_domains import GENERIC_DOMAINS
from integrations.setup.forms.contacts import ContactsForm
from integrations.setup.looks import Looks
from integrations.setup.saving import Data
from integrations.sync.store.hub_rows import own_domains

DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+", re.ASCII)


class SellsyContactsForm(ContactsForm):
    without_colleagues = forms.BooleanField(
        label=_("Leave out contacts whose e-mail address belongs to your own domain"), required=False
    )
    own_domains = forms.CharField(
        label=_("Your own domains"),
        required=False,
        max_length=255,
        help_text=_(
            "Several are separated by commas. Domains that strangers share, such as gmail.com, are not meant here."
        ),
    )

    def __init__(self, looks: Looks, data: Any = None) -> None:
        super().__init__(looks, data)
        known = self.connection.own_domains or ", ".join(sorted(own_domains())) or self.connection.organisation
        self.initial.update(without_colleagues=self.connection.without_colleagues, own_domains=known)

    def clean_own_domains(self) -> str:
        typed = [one.strip().lower().removeprefix("@") for one in self.cleaned_data["own_domains"].split(",")]
        domains = list(dict.fromkeys(one for one in typed if one))
        for one in domains:
            if not DOMAIN.fullmatch(one):
                raise forms.ValidationError(_("“%(domain)s” is no domain.") % {"domain": one})
            if one in GENERIC_DOMAINS:
                text = _("Strangers share “%(domain)s”: it cannot be your own.")
                raise forms.ValidationError(text % {"domain": one})
        return ", ".join(domains)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("without_colleagues") and not cleaned.get("own_domains") and "own_domains" not in self.errors:
            self.add_error("own_domains", _("Type at least one domain, or untick the option."))
        return cleaned

    def apply_to(self, data: Data) -> None:
        super().apply_to(data)
        data["settings"].update(
            without_colleagues=self.cleaned_data["without_colleagues"], own_domains=self.cleaned_data["own_domains"]
        )
