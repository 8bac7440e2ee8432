"""How to sign in to Stripe: with a key. It is written, never shown again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.setup.forms.sign_in import SignInForm, secret_field

from ..models import SYSTEM
from ..opening import KEY, policy

PREFIXES = ("sk_", "rk_")


class ConnectForm(SignInForm):
    system, label, own_app = SYSTEM, "Stripe", ""
    columns = ("name", "base_url")
    secret_names = (KEY,)
    ends_shown = frozenset({KEY})
    policy = staticmethod(policy)
    not_theirs = _(
        "This address does not belong to Stripe, so nothing was sent to it. Leave it empty, or have it listed by "
        "whoever runs this console."
    )

    secret_key = secret_field(
        _("Restricted or secret key"),
        _("From Stripe, Developers, API keys. A restricted one (rk_…) that only reads is enough, and better."),
        strip=True,
    )
    base_url = forms.CharField(
        label=_("Another address"),
        required=False,
        max_length=255,
        help_text=_("Only where Stripe is reached through a host of your own. Empty: Stripe’s own."),
    )

    @property
    def has_app_here(self) -> bool:
        """There is no app: every account has keys of its own."""
        return False

    @property
    def opens_address(self) -> bool:
        """Unfolded only where it is used or wrong."""
        return bool(self["base_url"].value() or "base_url" in self.errors)

    def clean_secret_key(self) -> str:
        key: str = self.cleaned_data[KEY]
        if key.startswith("pk_"):
            raise forms.ValidationError(
                _("This is a publishable key, for web pages: it reads nothing. Enter a rk_ or sk_ key.")
            )
        if key and not key.startswith(PREFIXES):
            raise forms.ValidationError(_("A key of Stripe begins with rk_ or sk_."))
        return key

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self.require_secret(KEY, _("Enter a key from Stripe."))
        return cleaned

    @property
    def secrets(self) -> dict[str, Any]:
        return self.typed_or_kept(KEY)
