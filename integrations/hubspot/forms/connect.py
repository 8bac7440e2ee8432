"""How to sign in to HubSpot. Secrets are written, never shown again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.setup.forms.sign_in import SignInForm, secret_field

from ..models import SYSTEM, HubSpotConnection
from ..opening import policy

SignIn = HubSpotConnection.SignIn
SECRETS_OF = {SignIn.WEB: ("client_secret",), SignIn.KEY: ("access_key",)}
WAYS = (
    (SignIn.WEB, _("In the browser: HubSpot asks you, this console never sees a password.")),
    (SignIn.KEY, _("With a service key, or the token of a private app: without a person, and without an end.")),
)


class ConnectForm(SignInForm):
    system, label, own_app = SYSTEM, "HubSpot", "HUBSPOT_CLIENT_ID"
    columns = ("name", "base_url", "sign_in", "client_id")
    secret_names = ("client_secret", "access_key")
    ends_shown = frozenset(secret_names)
    policy = staticmethod(policy)
    not_theirs = _(
        "This address does not belong to HubSpot, so nothing was sent to it. Leave it empty, or have it listed "
        "by whoever runs this console."
    )
    no_client_id = _("Enter the client ID of the app.")
    no_client_secret = _("Enter the client secret of the app.")

    sign_in = forms.ChoiceField(label=_("How to sign in"), choices=WAYS, widget=forms.RadioSelect)
    client_id = forms.CharField(
        label=_("Client ID"),
        required=False,
        max_length=255,
        help_text=_("Of your app in HubSpot, under Development, Projects, Auth."),
    )
    client_secret = secret_field(_("Client secret"), strip=True, max_length=512)
    access_key = secret_field(
        _("Service key"),
        _("In HubSpot: Development, Keys, Service keys. Only a super admin can make one."),
        strip=True,
        max_length=512,
    )
    base_url = forms.CharField(
        label=_("Another address of the API"),
        required=False,
        max_length=255,
        help_text=_("Leave it empty: HubSpot has one address for every account."),
    )

    @property
    def opens_app(self) -> bool:
        """Unfold what most people never need only where it is used, needed or wrong."""
        return not self.has_app_here or bool({"client_id", "client_secret", "base_url"} & set(self.errors))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        match cleaned.get("sign_in"):
            case SignIn.WEB:
                self.require_app()
            case SignIn.KEY:
                self.require_secret("access_key", _("Enter the service key, or the token of the private app."))
        return cleaned

    @property
    def secrets(self) -> dict[str, Any]:
        return self.typed_or_kept(*SECRETS_OF[SignIn(self.cleaned_data["sign_in"])])
