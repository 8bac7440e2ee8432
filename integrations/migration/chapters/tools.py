"""Stripe, Intercom and every other tool that knew customers by the old ID."""

from django.utils.translation import gettext_lazy as _

from ..checks import tools as checks
from ..steps import Chapter, Part, Step

CONNECTED = Part(
    _("Connected here"),
    _("The HubSpot ID must stand in a tool before it can be found by it"),
    (
        Step("stripe", _("Stripe still finds its customers"),
             _("The Stripe ID stands on the customer here, whatever the CRM is: what matched before goes on, and it is checked."),
             checks.stripe),
        Step("intercom-customers", _("Intercom’s companies: the Ref ID is where the HubSpot ID stands"),
             _("Needed even where only conversations are read: they find their customer by it."),
             checks.intercom_points("customers")),
        Step("intercom-contacts", _("Intercom’s contacts: the Ref ID is where the HubSpot ID stands"),
             _("Their conversations find them by it."), checks.intercom_points("contacts")),
        Step("intercom-ids", _("The HubSpot IDs were brought to Intercom"),
             _("By an import there, or by a sync from here. A record without it is found by nobody."), checks.intercom_ids),
    ),
)  # fmt: skip
OTHER = Part(
    _("Everything else"),
    _("Telephony, ticketing, reports: signed by whoever updated it"),
    (
        Step("other-tools", _("Every other tool uses the HubSpot ID"),
             _("List each tool that used the old CRM’s ID as its key. Each is updated before it is set up anew."),
             checks.other_tools, page="migration:tools", page_label=_("List and sign the tools")),
    ),
)  # fmt: skip
CHAPTER = Chapter(
    6,
    "tools",
    _("Third-party tools"),
    _("Tools that know your customers by an ID: what each needs before it goes on."),
    (CONNECTED, OTHER),
)
