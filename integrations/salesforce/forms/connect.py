"""How and where to sign in to Salesforce. Secrets are written, never shown again."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.layout import ConsoleFormHelper
from integrations.setup.handshake import Attempt
from integrations.sync.models import Connection
from integrations.wire.errors import Misconfigured

from ..models import SYSTEM, SalesforceConnection
from ..opening import policy

Environment, SignIn = SalesforceConnection.Environment, SalesforceConnection.SignIn
COLUMNS = ("name", "environment", "base_url", "sign_in", "client_id", "username")
SECRETS = ("client_secret", "password", "security_token")
SECRETS_OF = {
    SignIn.WEB: ("client_secret",),
    SignIn.APP: ("client_secret",),
    SignIn.PASSWORD: ("password", "security_token"),
}
SHOWN_END = ("client_secret", "security_token")
SHORTEST_SHOWN = 12
"""Of a shorter secret even the last four characters would be too much."""

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


def secret_field(label: Any, help_text: Any = "") -> forms.CharField:
    # Spaces at the ends may belong to a password.
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, help_text=help_text, required=False, strip=False, widget=widget, max_length=500)


class ConnectForm(forms.Form):
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
    name = forms.CharField(
        label=_("Name of this connection"), max_length=80, help_text=_("How it is called in lists and in the log.")
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

    def __init__(self, connection: SalesforceConnection, stored: dict[str, Any], data: Any = None) -> None:
        super().__init__(data, initial=initial_of(connection))
        self.connection = connection
        self.stored = stored
        self.helper = ConsoleFormHelper()
        for name in SECRETS:
            if kept := said_of(name, str(stored.get(name) or "")):
                self.fields[name].widget.attrs["placeholder"] = kept

    @property
    def has_app_here(self) -> bool:
        return bool(settings.SALESFORCE_CLIENT_ID)

    @property
    def opens_other_ways(self) -> bool:
        """Unfold what most people never need only where it is used, needed or wrong."""
        chosen = self["sign_in"].value()
        concerned = {"client_id", "client_secret", "username", "password", "security_token", "sign_in"}
        return chosen != SignIn.WEB or not self.has_app_here or bool(concerned & set(self.errors))

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Connection.objects.filter(name=name).exclude(pk=self.connection.pk).exists():
            raise forms.ValidationError(_("Another connection has this name. Choose one that tells them apart."))
        return name

    def clean_base_url(self) -> str:
        typed: str = self.cleaned_data["base_url"].strip().rstrip("/")
        if self.data.get("environment") != Environment.DOMAIN:
            return ""
        if not typed:
            raise forms.ValidationError(
                _("Enter the address of your Salesforce, e.g. https://aldervale.my.salesforce.com.")
            )
        return origin_of(typed)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        match cleaned.get("sign_in"):
            case SignIn.WEB:
                self._require_app()
            case SignIn.APP:
                self._require_app()
                if cleaned.get("environment") != Environment.DOMAIN:
                    self.add_error(
                        "environment", _("Signing in as an app works on your own domain only. Choose “Own domain”.")
                    )
            case SignIn.PASSWORD:
                self._require("username", _("Enter the user name of the Salesforce user."))
                self._require("password", _("Enter the password of the Salesforce user."))
        return cleaned

    def _require_app(self) -> None:
        if self.has_app_here and not self.cleaned_data.get("client_id"):
            return
        self._require("client_id", _("Enter the client ID of the external client app."))
        is_same_app = self.cleaned_data.get("client_id") == self.connection.client_id
        if not (is_same_app and self.stored.get("client_secret")):
            self._require("client_secret", _("Enter the client secret of the external client app."))

    def _require(self, name: str, why: Any) -> None:
        is_kept = name in SECRETS and self.stored.get(name)
        if not self.cleaned_data.get(name) and not is_kept and name not in self.errors:
            self.add_error(name, why)

    def save_new(self) -> None:
        """A row to come back to; nothing else is kept before the sign-in has worked."""
        connection = self.connection
        self.attempt.on(connection)
        connection.system, connection.slug = SYSTEM, free_slug(connection.name)
        connection.save()

    @property
    def attempt(self) -> Attempt:
        return Attempt({name: self.cleaned_data[name] for name in COLUMNS}, self.secrets)

    @property
    def secrets(self) -> dict[str, Any]:
        """Of the chosen way only: what was typed replaces what is kept; an empty field leaves it."""
        typed = {name: self.cleaned_data[name] for name in SECRETS if self.cleaned_data[name]}
        kept = {name: self.stored[name] for name in SECRETS if self.stored.get(name)}
        if "password" in typed:
            # A new password has a new security token: the old one must not be tried with it.
            kept.pop("security_token", None)
        of_way = SECRETS_OF[SignIn(self.cleaned_data["sign_in"])]
        return {name: value for name, value in (kept | typed).items() if name in of_way}


def initial_of(connection: SalesforceConnection) -> dict[str, Any]:
    initial = {name: getattr(connection, name) for name in COLUMNS}
    if not connection.pk:
        initial |= {"environment": Environment.SANDBOX, "name": free_name()}
    return initial


def said_of(name: str, secret: str) -> str:
    if not secret:
        return ""
    if name not in SHOWN_END or len(secret) < SHORTEST_SHOWN:
        return str(_("kept; type to replace it"))
    return str(_("kept, ends in %(end)s; type to replace it")) % {"end": secret[-4:]}


def origin_of(typed: str) -> str:
    url = typed if "://" in typed else f"https://{typed}"
    try:
        policy().check(url)
    except Misconfigured:
        raise forms.ValidationError(
            _(
                "This address does not belong to Salesforce, so nothing was sent to it. Enter the one that ends in "
                ".my.salesforce.com, or have it listed by whoever runs this console."
            )
        ) from None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def free_name() -> str:
    taken = set(Connection.objects.filter(name__startswith="Salesforce").values_list("name", flat=True))
    return next(name for name in names() if name not in taken)


def names() -> Any:
    yield "Salesforce"
    number = 2
    while True:
        yield f"Salesforce {number}"
        number += 1


def free_slug(name: str) -> str:
    wanted = slugify(name)[:70] or SYSTEM
    taken = set(Connection.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    number = 1
    slug = wanted
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug
