"""How and where to sign in to Salesforce. Secrets are written, never shown again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.setup.forms.sign_in import SignInForm, secret_field

from ..models import SYSTEM, SalesforceConnection
from ..opening import policy

Environment, SignIn = SalesforceConnection.Environment, SalesforceConnection.SignIn
SECRETS_OF = {
    SignIn.WEB: ("client_secret",),
    SignIn.APP: ("client_secret",),
    SignIn.PASSWORD: ("password", "security_token"),
}
ENVIRONMENTS = (
    (Environment.SANDBOX, _("Sandbox (test.salesforce.com)")),
    (Environment.LIVE, _("Live (login.salesforce.com)")),
    (Environment.DOMAIN, _("Own domain (your-name.my.salesforce.com)")),
)
WAYS = (
    (SignIn.WEB, _("In the browser: Salesforce asks you, this console never sees a password.")),
    (SignIn.APP, _("As an app: client credentials, without a person. Needs your own domain.")),
    (SignIn.PASSWORD, _("With user name, password and security token: the old way, until Salesforce ends it.")),
)


class ConnectForm(SignInForm):
    system, label, own_app = SYSTEM, "Salesforce", "SALESFORCE_CLIENT_ID"
    columns = ("name", "environment", "base_url", "sign_in", "client_id", "username")
    field_order = ("environment", "base_url")
    secret_names = ("client_secret", "password", "security_token")
    ends_shown = frozenset({"client_secret", "security_token"})
    beginning = {"environment": Environment.SANDBOX}
    policy = staticmethod(policy)
    not_theirs = _(
        "This address does not belong to Salesforce, so nothing was sent to it. Enter the one that ends in "
        ".my.salesforce.com, or have it listed by whoever runs this console."
    )
    no_client_id = _("Enter the client ID of the external client app.")
    no_client_secret = _("Enter the client secret of the external client app.")

    environment = forms.ChoiceField(
        label=_("Environment"),
        choices=ENVIRONMENTS,
        widget=forms.RadioSelect,
        help_text=_("If your sandbox mirrors the live organisation, begin there: trying things out costs nothing."),
    )
    base_url = forms.CharField(
        label=_("Your Salesforce domain"),
        required=False,
        max_length=255,
        help_text=_("For “Own domain” only, e.g. https://aldervale.my.salesforce.com."),
    )
    sign_in = forms.ChoiceField(label=_("How to sign in"), choices=WAYS, widget=forms.RadioSelect)
    client_id = forms.CharField(
        label=_("Client ID (consumer key)"),
        required=False,
        max_length=255,
        help_text=_("Of the external client app in your Salesforce, under Setup, External Client App Manager."),
    )
    client_secret = secret_field(_("Client secret"))
    username = forms.CharField(label=_("User name"), required=False, max_length=255)
    password = secret_field(_("Password"))
    security_token = secret_field(
        _("Security token"),
        _(
            "In Salesforce: your picture, Settings, Reset My Security Token; the new one comes by e-mail. "
            "It may stay empty if this server’s address is trusted there."
        ),
    )

    @property
    def opens_other_ways(self) -> bool:
        """Unfold what most people never need only where it is used, needed or wrong."""
        chosen = self["sign_in"].value()
        concerned = {"client_id", "client_secret", "username", "password", "security_token", "sign_in"}
        return chosen != SignIn.WEB or not self.has_app_here or bool(concerned & set(self.errors))

    def clean_base_url(self) -> str:
        if self.data.get("environment") != Environment.DOMAIN:
            return ""
        if not self.typed_address:
            raise forms.ValidationError(
                _("Enter the address of your Salesforce, e.g. https://aldervale.my.salesforce.com.")
            )
        return self.origin_of(self.typed_address)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        match cleaned.get("sign_in"):
            case SignIn.WEB:
                self.require_app()
            case SignIn.APP:
                self.require_app()
                if cleaned.get("environment") != Environment.DOMAIN:
                    self.add_error(
                        "environment", _("Signing in as an app works on your own domain only. Choose “Own domain”.")
                    )
            case SignIn.PASSWORD:
                self.require("username", _("Enter the user name of the Salesforce user."))
                self.require_secret("password", _("Enter the password of the Salesforce user."))
        return cleaned

    @property
    def secrets(self) -> dict[str, Any]:
        found = self.typed_or_kept(*SECRETS_OF[SignIn(self.cleaned_data["sign_in"])])
        if self.cleaned_data["password"] and not self.cleaned_data["security_token"]:
            # A new password has a new security token: the old one must not be tried with it.
            found.pop("security_token", None)
        return found
