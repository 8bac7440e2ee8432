"""How and where to sign in, as far as every system asks for it alike. Secrets are written, never shown again."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.layout import ConsoleFormHelper
from integrations.sync.free import free_name, free_order, free_slug
from integrations.sync.models import Connection
from integrations.wire.errors import Misconfigured
from integrations.wire.hosts import HostPolicy

from ..handshake import Attempt

CLIENT_SECRET = "client_secret"  # noqa: S105 (the name of the field)
LONGEST_BEGINNING = 75
"""Characters of a name that leave room for a number."""
SHORTEST_SHOWN = 12
"""Of a shorter secret even the last four characters would be too much."""


def secret_field(label: Any, help_text: Any = "", *, strip: bool = False, max_length: int = 500) -> forms.CharField:
    # Spaces at the ends may belong to a password.
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(
        label=label, help_text=help_text, required=False, strip=strip, widget=widget, max_length=max_length
    )


class SignInForm(forms.Form):
    system: ClassVar[str]
    label: ClassVar[str]
    """What a new connection is called."""
    columns: ClassVar[tuple[str, ...]]
    """Of the connection, as the form fills them."""
    secret_names: ClassVar[tuple[str, ...]] = (CLIENT_SECRET,)
    ends_shown: ClassVar[frozenset[str]] = frozenset({CLIENT_SECRET})
    """Secrets of which the last four characters are shown, so that one can tell which one is kept."""
    own_app: ClassVar[str]
    """The setting that names the app this console was set up with."""
    beginning: ClassVar[Mapping[str, Any]] = {}
    """What a new connection proposes beside its name."""
    not_theirs: ClassVar[str | Promise]
    """An address that the vendor does not own, and what to do about it."""
    no_client_id: ClassVar[str | Promise]
    no_client_secret: ClassVar[str | Promise]
    policy: ClassVar[Callable[[], HostPolicy]]

    name = forms.CharField(
        label=_("Name of this connection"), max_length=80, help_text=_("How it is called in lists and in the log.")
    )

    def __init__(self, connection: Any, stored: dict[str, Any], data: Any = None) -> None:
        super().__init__(data, initial=self._initial_of(connection))
        self.connection = connection
        self.stored = stored
        self.helper = ConsoleFormHelper()
        for name in self.secret_names:
            if kept := self._said_of(name, str(stored.get(name) or "")):
                self.fields[name].widget.attrs["placeholder"] = kept

    def _initial_of(self, connection: Any) -> dict[str, Any]:
        initial = {name: getattr(connection, name) for name in self.columns}
        return initial if connection.pk else initial | {"name": free_name(self.label), **self.beginning}

    def _said_of(self, name: str, secret: str) -> str:
        if not secret:
            return ""
        if name not in self.ends_shown or len(secret) < SHORTEST_SHOWN:
            return str(_("kept; type to replace it"))
        return str(_("kept, ends in %(end)s; type to replace it")) % {"end": secret[-4:]}

    @property
    def has_app_here(self) -> bool:
        return bool(getattr(settings, self.own_app))

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Connection.objects.filter(name=name).exclude(pk=self.connection.pk).exists():
            raise forms.ValidationError(_("Another connection has this name. Choose one that tells them apart."))
        return name

    def clean_base_url(self) -> str:
        typed = self.typed_address
        return self.origin_of(typed) if typed else ""

    @property
    def typed_address(self) -> str:
        typed: str = self.cleaned_data["base_url"]
        return typed.strip().rstrip("/")

    def origin_of(self, typed: str) -> str:
        url = typed if "://" in typed else f"https://{typed}"
        try:
            type(self).policy().check(url)
        except Misconfigured:
            raise forms.ValidationError(str(self.not_theirs)) from None
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}"

    def require(self, name: str, why: Any) -> None:
        if not self.cleaned_data.get(name) and name not in self.errors:
            self.add_error(name, why)

    def require_secret(self, name: str, why: Any) -> None:
        """A kept one will do."""
        if not self.stored.get(name):
            self.require(name, why)

    def require_app(self) -> None:
        """The console's own, or one with its secret: another app's kept secret opens nothing."""
        if self.has_app_here and not self.cleaned_data.get("client_id"):
            return
        self.require("client_id", self.no_client_id)
        is_same_app = self.cleaned_data.get("client_id") == self.connection.client_id
        if not (is_same_app and self.stored.get(CLIENT_SECRET)):
            self.require(CLIENT_SECRET, self.no_client_secret)

    def save_new(self) -> None:
        """A row to come back to; nothing else is kept before the sign-in has worked."""
        for is_last in (False, False, True):
            try:
                with transaction.atomic():
                    self._insert()
            except IntegrityError:
                if is_last:
                    raise
                # A second click, or somebody else, was quicker by a moment: the next free name is as good.
                self.cleaned_data["name"] = free_name(self.cleaned_data["name"][:LONGEST_BEGINNING])
            else:
                return

    def _insert(self) -> None:
        connection = self.attempt.on(self.connection)
        connection.system, connection.slug = self.system, free_slug(connection.name, self.system)
        connection.order = free_order()
        connection.save()

    @property
    def attempt(self) -> Attempt:
        return Attempt({name: self.cleaned_data[name] for name in self.columns}, self.secrets)

    @property
    def secrets(self) -> dict[str, Any]:
        """Of the chosen way only. An app's without its client ID is nobody's."""
        return self.typed_or_kept(CLIENT_SECRET) if self.cleaned_data["client_id"] else {}

    def typed_or_kept(self, *names: str) -> dict[str, Any]:
        """What was typed replaces what is kept; an empty field leaves it."""
        found = {name: self.cleaned_data[name] or self.stored.get(name) for name in names}
        return {name: value for name, value in found.items() if value}
