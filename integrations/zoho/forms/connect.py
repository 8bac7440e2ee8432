"""How and where to sign in to Zoho. Secrets are written, never shown again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.setup.forms.sign_in import CLIENT_SECRET, SignInForm, secret_field

from ..models import SYSTEM, ZohoConnection
from ..opening import policy

Centre, SignIn = ZohoConnection.Centre, ZohoConnection.SignIn
WAYS = (
    (SignIn.WEB, _("In the browser: Zoho asks you, this console never sees a password.")),
    (SignIn.APP, _("As an app: client credentials, without a person. Needs the organisation's number.")),
)


class ConnectForm(SignInForm):
    system, label, own_app = SYSTEM, "Zoho CRM", "ZOHO_CLIENT_ID"
    columns = ("name", "data_centre", "base_url", "sign_in", "client_id", "organisation_number")
    field_order = ("data_centre", "base_url")
    policy = staticmethod(policy)
    not_theirs = _(
        "This address does not belong to Zoho, so nothing was sent to it. Choose a data centre, or have the address "
        "listed by whoever runs this console."
    )
    no_client_id = _("Enter the client ID from Zoho's API console.")
    no_client_secret = _("Enter the client secret from Zoho's API console.")

    data_centre = forms.ChoiceField(
        label=_("Data centre"),
        choices=Centre.choices,
        help_text=_(
            "Where you sign in: the end of the address you see in Zoho. If you belong to another one, Zoho says so by itself."
        ),
    )
    base_url = forms.CharField(
        label=_("Address of the sign-in"),
        required=False,
        max_length=255,
        help_text=_("For “Another address” only."),
    )
    sign_in = forms.ChoiceField(label=_("How to sign in"), choices=WAYS, widget=forms.RadioSelect)
    client_id = forms.CharField(
        label=_("Client ID"),
        required=False,
        max_length=255,
        help_text=_("Of the client in Zoho's API console, api-console.zoho.com."),
    )
    client_secret = secret_field(_("Client secret"))
    organisation_number = forms.CharField(
        label=_("Organisation number"),
        required=False,
        max_length=20,
        help_text=_("In Zoho under Setup, Company Details. Only an app needs it."),
    )

    @property
    def opens_other_ways(self) -> bool:
        """Unfold what most people never need only where it is used, needed or wrong."""
        concerned = {"client_id", CLIENT_SECRET, "organisation_number", "sign_in"}
        return self["sign_in"].value() != SignIn.WEB or not self.has_app_here or bool(concerned & set(self.errors))

    def clean_base_url(self) -> str:
        if self.data.get("data_centre") != Centre.OWN:
            return ""
        if not self.typed_address:
            raise forms.ValidationError(_("Enter the address at which people sign in."))
        return self.origin_of(self.typed_address)

    def clean_organisation_number(self) -> str:
        typed: str = self.cleaned_data["organisation_number"].strip()
        if typed and not (typed.isascii() and typed.isdecimal()):
            raise forms.ValidationError(_("The number has digits only."))
        return typed

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self.require_app()
        if cleaned.get("sign_in") == SignIn.APP:
            self.require("organisation_number", _("Enter the number of your organisation in Zoho."))
        return cleaned
