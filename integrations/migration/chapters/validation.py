"""After the first sync: number, duplicates, IDs, key data, and the people who work with them."""

from django.utils.translation import gettext_lazy as _

from ..acts import validation as acts
from ..checks import validation as checks
from ..confirming import TEAM
from ..steps import Chapter, Part, Step

MATCHED = Part(
    _("Found again, and none twice"),
    _("The first three are the gate to stage B"),
    (
        Step("count", _("The number of customers is as expected"),
             _("In HubSpot’s source set, matched, created: three figures and their sum. Abnormally many mean accounts that "
               "nobody wants. A first sync may last one to two hours."), checks.count, acts=(acts.EXPECT,)),
        Step("no-duplicates", _("No known customer was made a second time"),
             _("Those that were created are compared with all others: name, domain, old ID, e-mail."), checks.no_duplicates),
        Step("ref-ids", _("Customer IDs are HubSpot’s"),
             _("Each customer that moves carries its own HubSpot ID, and one connection alone writes it."), checks.ref_ids),
        Step("shown", _("The preview shows HubSpot and the last sync"),
             _("The eye at the far right of the list of customers opens it. HubSpot’s mark on a customer that was here before "
               "says that it was matched."), checks.shown),
        Step("cleanup", _("No unwanted customer is left"),
             _("If too many came: delete them in bulk, with a backup, and start from a clean base."), checks.cleanup,
             acts=(acts.STAY,)),
    ),
)  # fmt: skip
KEPT = Part(
    _("Nothing lost"),
    _("Against the snapshot from before stage A"),
    (
        Step("key-data", _("MRR, contacts and interactions are unchanged"),
             _("On the sample that people know, and on all customers."), checks.key_data, acts=(acts.ACCEPT,)),
        Step("complete", _("Every missing record is explained"),
             _("Both sides add up: each customer of the old CRM and each company of HubSpot stands in one of these numbers, "
               "and each number has its list."), checks.complete),
        TEAM,
    ),
)  # fmt: skip
CHAPTER = Chapter(
    7,
    "validation",
    _("Validation"),
    _("Number, duplicates, IDs and key data, measured; then the team confirms."),
    (MATCHED, KEPT),
)
