"""How to sign in to HubSpot. Secrets are written, never shown again."""

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

from ..models import SYSTEM, HubSpotConnection
from ..opening import policy

SignIn = HubSpotConnection.SignIn
COLUMNS = ("name", "base_url", "sign_in", "client_id")
SECRETS = ("client_secret", "access_key")
SECRETS_OF = {SignIn.WEB: ("client_secret",), SignIn.KEY: ("access_key",)}
SHORTEST_SHOWN = 12
"""Of a shorter secret even the last four characters would be too much."""
WAYS = (
    (SignIn.WEB, _("In the browser: HubSpot asks you, this console never sees a password.")),
    (SignIn.KEY, _("With a service key, or the token of a private app: without a person, and without an end.")),
)


def secret_field(label: Any, help_text: Any = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, help_text=help_text, required=False, widget=widget, max_length=512)


class ConnectForm(forms.Form):
    name = forms.CharField(
        label=_("Name of this connection"), max_length=80, help_text=_("How it is called in lists and in the log.")
    )
    sign_in = forms.ChoiceField(label=_("How to sign in"), choices=WAYS, widget=forms.RadioSelect)
    client_id = forms.CharField(
        label=_("Client ID"),
        required=False,
        max_length=255,
        help_text=_("Of your app in HubSpot, under Development, Projects, Auth."),
    )
    client_secret = secret_field(_("Client secret"))
    access_key = secret_field(
        _("Service key"),
        _("In HubSpot: Development, Keys, Service keys. Only a super admin can make one."),
    )
    base_url = forms.CharField(
        label=_("Another address of the API"),
        required=False,
        max_length=255,
        help_text=_("Leave it empty: HubSpot has one address for every account."),
    )

    def __init__(self, connection: HubSpotConnection, stored: dict[str, Any], data: Any = None) -> None:
        super().__init__(data, initial=initial_of(connection))
        self.connection = connection
        self.stored = stored
        self.helper = ConsoleFormHelper()
        for name in SECRETS:
            if kept := said_of(str(stored.get(name) or "")):
                self.fields[name].widget.attrs["placeholder"] = kept

    @property
    def has_app_here(self) -> bool:
        return bool(settings.HUBSPOT_CLIENT_ID)

    @property
    def opens_app(self) -> bool:
        """Unfold what most people never need only where it is used, needed or wrong."""
        return not self.has_app_here or bool({"client_id", "client_secret", "base_url"} & set(self.errors))

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Connection.objects.filter(name=name).exclude(pk=self.connection.pk).exists():
            raise forms.ValidationError(_("Another connection has this name. Choose one that tells them apart."))
        return name

    def clean_base_url(self) -> str:
        typed: str = self.cleaned_data["base_url"].strip().rstrip("/")
        return origin_of(typed) if typed else ""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        match cleaned.get("sign_in"):
            case SignIn.WEB:
                self._require_app()
            case SignIn.KEY:
                self._require("access_key", _("Enter the service key, or the token of the private app."))
        return cleaned

    def _require_app(self) -> None:
        if self.has_app_here and not self.cleaned_data.get("client_id"):
            return
        self._require("client_id", _("Enter the client ID of the app."))
        is_same_app = self.cleaned_data.get("client_id") == self.connection.client_id
        if not (is_same_app and self.stored.get("client_secret")):
            self._require("client_secret", _("Enter the client secret of the app."))

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
        of_way = SECRETS_OF[SignIn(self.cleaned_data["sign_in"])]
        return {name: value for name, value in (kept | typed).items() if name in of_way}


def initial_of(connection: HubSpotConnection) -> dict[str, Any]:
    initial = {name: getattr(connection, name) for name in COLUMNS}
    return initial if connection.pk else initial | {"name": free_name()}


def said_of(secret: str) -> str:
    if not secret:
        return ""
    if len(secret) < SHORTEST_SHOWN:
        return str(_("kept; type to replace it"))
    return str(_("kept, ends in %(end)s; type to replace it")) % {"end": secret[-4:]}


def origin_of(typed: str) -> str:
    url = typed if "://" in typed else f"https://{typed}"
    try:
        policy().check(url)
    except Misconfigured:
        raise forms.ValidationError(
            _(
                "This address does not belong to HubSpot, so nothing was sent to it. Leave it empty, or have it listed "
                "by whoever runs this console."
            )
        ) from None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def free_name() -> str:
    taken = set(Connection.objects.filter(name__startswith="HubSpot").values_list("name", flat=True))
    number, name = 1, "HubSpot"
    while name in taken:
        number += 1
        name = f"HubSpot {number}"
    return name


def free_slug(name: str) -> str:
    wanted = slugify(name)[:70] or SYSTEM
    taken = set(Connection.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    number, slug = 1, wanted
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug
