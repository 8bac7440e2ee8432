"""How and where to sign in to Pipedrive. Secrets are written, never shown again."""

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

from ..models import SYSTEM, PipedriveConnection
from ..opening import policy

SignIn = PipedriveConnection.SignIn
COLUMNS = ("name", "base_url", "sign_in", "client_id")
SECRET, TOKEN = "client_secret", "api_token"
SHORTEST_SHOWN = 12
"""Of a shorter secret even the last four characters would be too much."""
LABEL = "Pipedrive"
WAYS = (
    (SignIn.WEB, _("In the browser: Pipedrive asks you, this console never sees a password.")),
    (SignIn.TOKEN, _("With the API token of one user. Whoever makes the token anew ends the access.")),
)


class ConnectForm(forms.Form):
    name = forms.CharField(
        label=_("Name of this connection"), max_length=80, help_text=_("How it is called in lists and in the log.")
    )
    sign_in = forms.ChoiceField(label=_("How to sign in"), choices=WAYS, widget=forms.RadioSelect)
    base_url = forms.CharField(
        label=_("Address of your Pipedrive"),
        required=False,
        max_length=255,
        help_text=_("With an API token only: what you see in the browser, like acme.pipedrive.com."),
    )
    api_token = forms.CharField(
        label=_("API token"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        max_length=500,
        help_text=_("In Pipedrive under Personal preferences, API. Use an administrator’s: others see a part only."),
    )
    client_id = forms.CharField(
        label=_("Client ID"),
        required=False,
        max_length=255,
        help_text=_("Of your app in Pipedrive’s Developer Hub."),
    )
    client_secret = forms.CharField(
        label=_("Client secret"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        max_length=500,
    )

    def __init__(self, connection: PipedriveConnection, stored: dict[str, Any], data: Any = None) -> None:
        super().__init__(data, initial=initial_of(connection))
        self.connection = connection
        self.stored = stored
        self.helper = ConsoleFormHelper()
        for name in (SECRET, TOKEN):
            if kept := said_of(str(stored.get(name) or "")):
                self.fields[name].widget.attrs["placeholder"] = kept

    @property
    def has_app_here(self) -> bool:
        return bool(settings.PIPEDRIVE_CLIENT_ID)

    @property
    def opens_other_ways(self) -> bool:
        """Unfold what most people never need only where it is used, needed or wrong."""
        concerned = {"client_id", SECRET, TOKEN, "base_url", "sign_in"}
        return self["sign_in"].value() != SignIn.WEB or not self.has_app_here or bool(concerned & set(self.errors))

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
        if cleaned.get("sign_in") == SignIn.TOKEN:
            self._require("base_url", _("Enter the address of your Pipedrive."))
            if not self.stored.get(TOKEN):
                self._require(TOKEN, _("Enter the API token."))
        else:
            self._require_app()
        return cleaned

    def _require_app(self) -> None:
        if self.has_app_here and not self.cleaned_data.get("client_id"):
            return
        self._require("client_id", _("Enter the client ID from Pipedrive’s Developer Hub."))
        is_same_app = self.cleaned_data.get("client_id") == self.connection.client_id
        if not (is_same_app and self.stored.get(SECRET)):
            self._require(SECRET, _("Enter the client secret from Pipedrive’s Developer Hub."))

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
        """What was typed replaces what is kept; an empty field leaves it. Only what the way needs is kept."""
        name = TOKEN if self.cleaned_data["sign_in"] == SignIn.TOKEN else SECRET
        typed = self.cleaned_data[name] or self.stored.get(name) or ""
        is_needed = name == TOKEN or self.cleaned_data["client_id"]
        return {name: typed} if typed and is_needed else {}


def initial_of(connection: PipedriveConnection) -> dict[str, Any]:
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
                "This address does not belong to Pipedrive, so nothing was sent to it. Enter your company’s own, or have the "
                "address listed by whoever runs this console."
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
