"""The old CRM's ID on every customer here: later the key by which HubSpot's companies are recognised."""

from django.utils.translation import gettext_lazy as _

from ..steps import Chapter

CHAPTER = Chapter(
    2,
    "hub",
    _("Hub preparation"),
    _("The old CRM's ID is kept on every customer here: later HubSpot's companies are recognised by it."),
    (),
)
