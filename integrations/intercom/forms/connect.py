"""How to sign in to Intercom, and to which region. Secrets are written, never shown again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.setup.forms.sign_in import CLIENT_SECRET, SignInForm, secret_field

from ..models import SYSTEM, IntercomConnection
from ..opening import policy

SignIn, Region = IntercomConnection.SignIn, IntercomConnection.Region
TOKEN = "access_token"  # noqa: S105 (the name of the field)
WAYS = (
    (SignIn.TOKEN, _("With the access token of an app of your own. It does not end by itself.")),
    (SignIn.WEB, _("In the browser: Intercom asks you, this console never sees a password.")),
)


class ConnectForm(SignInForm):
    system, label, own_app = SYSTEM, "Intercom", "INTERCOM_CLIENT_ID"
    columns = ("name", "base_url", "sign_in", "region", "client_id")
    secret_names = (CLIENT_SECRET, TOKEN)
    ends_shown = frozenset(secret_names)
    policy = staticmethod(policy)
    not_theirs = _(
        "This address does not belong to Intercom, so nothing was sent to it. Leave it empty, or have it listed by "
        "whoever runs this console."
    )
    no_client_id = _("Enter the client ID from Intercom’s Developer Hub.")
    no_client_secret = _("Enter the client secret from Intercom’s Developer Hub.")

    sign_in = forms.ChoiceField(label=_("How to sign in"), choices=WAYS, widget=forms.RadioSelect)
    region = forms.ChoiceField(
        label=_("Where the workspace is hosted"),
        choices=Region.choices,
        help_text=_(
            "As the address of your Intercom says: app.intercom.com, app.eu.intercom.com or app.au.intercom.com."
        ),
    )
    access_token = secret_field(
        _("Access token"), _("In Intercom’s Developer Hub: your app, Configure, Authentication."), strip=True
    )
    client_id = forms.CharField(
        label=_("Client ID"), required=False, max_length=255, help_text=_("Of your app in Intercom’s Developer Hub.")
    )
    client_secret = secret_field(_("Client secret"))
    base_url = forms.CharField(
        label=_("Another address"),
        required=False,
        max_length=255,
        help_text=_("Only where Intercom is reached through a host of your own. Empty: the region’s."),
    )

    @property
    def opens_other_ways(self) -> bool:
        """Unfolded only where it is used or wrong."""
        concerned = {"client_id", CLIENT_SECRET, "base_url"}
        return (
            self["sign_in"].value() == SignIn.WEB
            or bool(self["base_url"].value())
            or bool(concerned & set(self.errors))
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("sign_in") == SignIn.TOKEN:
            self.require_secret(TOKEN, _("Enter the access token."))
        else:
            self.require_app()
        return cleaned

    @property
    def secrets(self) -> dict[str, Any]:
        return self.typed_or_kept(TOKEN) if self.cleaned_data["sign_in"] == SignIn.TOKEN else super().secrets
