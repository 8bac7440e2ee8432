"""How and where to sign in to Pipedrive. Secrets are written, never shown again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.setup.forms.sign_in import CLIENT_SECRET, SignInForm, secret_field

from ..models import SYSTEM, PipedriveConnection
from ..opening import policy

SignIn = PipedriveConnection.SignIn
TOKEN = "api_token"  # noqa: S105 (the name of the field)
WAYS = (
    (SignIn.WEB, _("In the browser: Pipedrive asks you, this console never sees a password.")),
    (SignIn.TOKEN, _("With the API token of one user. Whoever makes the token anew ends the access.")),
)


class ConnectForm(SignInForm):
    system, label, own_app = SYSTEM, "Pipedrive", "PIPEDRIVE_CLIENT_ID"
    columns = ("name", "base_url", "sign_in", "client_id")
    secret_names = (CLIENT_SECRET, TOKEN)
    ends_shown = frozenset(secret_names)
    policy = staticmethod(policy)
    not_theirs = _(
        "This address does not belong to Pipedrive, so nothing was sent to it. Enter your company’s own, or have the "
        "address listed by whoever runs this console."
    )
    no_client_id = _("Enter the client ID from Pipedrive’s Developer Hub.")
    no_client_secret = _("Enter the client secret from Pipedrive’s Developer Hub.")

    sign_in = forms.ChoiceField(label=_("How to sign in"), choices=WAYS, widget=forms.RadioSelect)
    base_url = forms.CharField(
        label=_("Address of your Pipedrive"),
        required=False,
        max_length=255,
        help_text=_("With an API token only: what you see in the browser, like acme.pipedrive.com."),
    )
    api_token = secret_field(
        _("API token"),
        _("In Pipedrive under Personal preferences, API. Use an administrator’s: others see a part only."),
        strip=True,
    )
    client_id = forms.CharField(
        label=_("Client ID"),
        required=False,
        max_length=255,
        help_text=_("Of your app in Pipedrive’s Developer Hub."),
    )
    client_secret = secret_field(_("Client secret"))

    @property
    def opens_other_ways(self) -> bool:
        """Unfold what most people never need only where it is used, needed or wrong."""
        concerned = {"client_id", CLIENT_SECRET, TOKEN, "base_url", "sign_in"}
        return self["sign_in"].value() != SignIn.WEB or not self.has_app_here or bool(concerned & set(self.errors))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("sign_in") == SignIn.TOKEN:
            self.require("base_url", _("Enter the address of your Pipedrive."))
            self.require_secret(TOKEN, _("Enter the API token."))
        else:
            self.require_app()
        return cleaned

    @property
    def secrets(self) -> dict[str, Any]:
        return self.typed_or_kept(TOKEN) if self.cleaned_data["sign_in"] == SignIn.TOKEN else super().secrets
