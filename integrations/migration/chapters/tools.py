"""Stripe, Intercom and every other tool that knew customers by the old ID."""

from django.utils.translation import gettext_lazy as _

from ..steps import Chapter

CHAPTER = Chapter(
    6,
    "tools",
    _("Third-party tools"),
    _("Tools that know your customers by an ID: what each needs before it goes on."),
    (),
)
