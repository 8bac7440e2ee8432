"""How to sign in to Sellsy. Secrets are written, never shown again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.setup.forms.sign_in import SignInForm, secret_field

from ..models import SYSTEM, SellsyConnection
from ..opening import policy

SignIn = SellsyConnection.SignIn
WAYS = (
    (SignIn.APP, _("As a personal app: client credentials, without anybody at a browser.")),
    (SignIn.WEB, _("In the browser: Sellsy asks you, through a private or public app. No password comes here.")),
)


class ConnectForm(SignInForm):
    system, label, own_app = SYSTEM, "Sellsy", "SELLSY_CLIENT_ID"
    columns = ("name", "base_url", "sign_in", "client_id")
    policy = staticmethod(policy)
    not_theirs = _(
        "This address does not belong to Sellsy, so nothing was sent to it. Leave it empty, or have it listed by "
        "whoever runs this console."
    )
    no_client_id = _("Enter the client ID of the app in Sellsy.")
    no_client_secret = _("Enter the client secret of the app in Sellsy.")

    sign_in = forms.ChoiceField(label=_("How to sign in"), choices=WAYS, widget=forms.RadioSelect)
    client_id = forms.CharField(
        label=_("Client ID"),
        required=False,
        max_length=255,
        help_text=_("Of the app in Sellsy, under Settings, Developer portal, API V2."),
    )
    client_secret = secret_field(_("Client secret"))
    base_url = forms.CharField(
        label=_("Another address"),
        required=False,
        max_length=255,
        help_text=_("Only where Sellsy is reached through a host of your own. Empty: Sellsy's own three."),
    )

    @property
    def opens_address(self) -> bool:
        """Unfolded only where it is used or wrong."""
        return bool(self["base_url"].value() or "base_url" in self.errors)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self.require_app()
        return cleaned
