"""How to sign in to Sellsy. Secrets are written, never shown again."""

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

from ..models import SYSTEM, SellsyConnection
from ..opening import policy

SignIn = SellsyConnection.SignIn
COLUMNS = ("name", "base_url", "sign_in", "client_id")
SECRET = "client_secret"  # noqa: S105 (the name of the field)
SHORTEST_SHOWN = 12
"""Of a shorter secret even the last four characters would be too much."""
LABEL = "Sellsy"
WAYS = (
    (SignIn.APP, _("As a personal app: client credentials, without anybody at a browser.")),
    (SignIn.WEB, _("In the browser: Sellsy asks you, through a private or public app. No password comes here.")),
)


class ConnectForm(forms.Form):
    name = forms.CharField(
        label=_("Name of this connection"), max_length=80, help_text=_("How it is called in lists and in the log.")
    )
    sign_in = forms.ChoiceField(label=_("How to sign in"), choices=WAYS, widget=forms.RadioSelect)
    client_id = forms.CharField(
        label=_("Client ID"),
        required=False,
        max_length=255,
        help_text=_("Of the app in Sellsy, under Settings, Developer portal, API V2."),
    )
    client_secret = forms.CharField(
        label=_("Client secret"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        max_length=500,
    )
    base_url = forms.CharField(
        label=_("Another address"),
        required=False,
        max_length=255,
        help_text=_("Only where Sellsy is reached through a host of your own. Empty: Sellsy's own three."),
    )

    def __init__(self, connection: SellsyConnection, stored: dict[str, Any], data: Any = None) -> None:
        super().__init__(data, initial=initial_of(connection))
        self.connection = connection
        self.stored = stored
        self.helper = ConsoleFormHelper()
        if kept := said_of(str(stored.get(SECRET) or "")):
            self.fields[SECRET].widget.attrs["placeholder"] = kept

    @property
    def has_app_here(self) -> bool:
        return bool(settings.SELLSY_CLIENT_ID)

    @property
    def opens_address(self) -> bool:
        """Unfolded only where it is used or wrong."""
        return bool(self["base_url"].value() or "base_url" in self.errors)

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
        if self.has_app_here and not cleaned.get("client_id"):
            return cleaned
        self._require("client_id", _("Enter the client ID of the app in Sellsy."))
        is_same_app = cleaned.get("client_id") == self.connection.client_id
        if not (is_same_app and self.stored.get(SECRET)):
            self._require(SECRET, _("Enter the client secret of the app in Sellsy."))
        return cleaned

    def _require(self, name: str, why: Any) -> None:
        if not self.cleaned_data.get(name) and name not in self.errors:
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
        """What was typed replaces what is kept; an empty field leaves it."""
        typed = self.cleaned_data[SECRET] or self.stored.get(SECRET) or ""
        return {SECRET: typed} if typed and self.cleaned_data["client_id"] else {}


def initial_of(connection: SellsyConnection) -> dict[str, Any]:
    initial = {name: getattr(connection, name) for name in COLUMNS}
    if not connection.pk:
        initial |= {"name": free_name()}
    return initial


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
                "This address does not belong to Sellsy, so nothing was sent to it. Leave it empty, or have it listed by "
                "whoever runs this console."
            )
        ) from None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def free_name() -> str:
    taken = set(Connection.objects.filter(name__startswith=LABEL).values_list("name", flat=True))
    name, number = LABEL, 1
    while name in taken:
        number += 1
        name = f"{LABEL} {number}"
    return name


def free_slug(name: str) -> str:
    wanted = slugify(name)[:70] or SYSTEM
    taken = set(Connection.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug
