"""What must stand in HubSpot before anything is connected."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from .. import there
from ..acts import hubspot as acts
from ..census import census_of
from ..checks import companies, hubspot
from ..forms_steps import CarrierForm, ExpectForm, NewPropertyForm, PropertyForm, StayForm
from ..models import Move, Stay
from ..portal import is_reached
from ..steps import Act, Chapter, Part, Step


def _name_carrier(move: Move, said: Mapping[str, Any]) -> None:
    move.carrier = said["carrier"]
    Move.objects.filter(pk=move.pk).update(carrier=move.carrier)


def _listing(move: Move) -> Mapping[str, Any]:
    census = census_of(move)
    strange = there.strangers(move).count() if census.state == "done" else 0
    return {"census": census, "stays": Stay.objects.filter(move=move).count(), "strange": strange}


CONNECTION = Step(
    "reached",
    _("HubSpot is reached"),
    _("Somebody signs in to HubSpot in its own set-up. Until stage A is saved here, nothing syncs with it."),
    hubspot.reached,
    page="migration:connect",
    page_label=_("Connect HubSpot"),
)
CARRIER = Step(
    "carrier",
    _("A Super Admin carries the connection"),
    _(
        "HubSpot lets only a Super Admin connect, and the role has to stay: where it is lost later, the syncs stop and an "
        "alert “Needs sign-in” tells your Admins."
    ),
    hubspot.carried,
    sign=_("Name the person who keeps the role"),
    form=CarrierForm,
    keep=_name_carrier,
)
IT_AGREES = Step(
    "it-agrees",
    _("IT agrees with the person"),
    _("A Super Admin may do everything in HubSpot. If that raises a security concern, settle the person with your IT."),
    sign=_("It is settled, or raises no concern"),
)
MOVED_DATA = Step(
    "moved-data",
    _("Fields, contacts and deals were moved to HubSpot"),
    _(
        "Import them from the old CRM with HubSpot’s own import, or have a partner do it. The numbers show how far it is."
    ),
    hubspot.moved_data,
    sign=_("Everything that is needed was moved"),
)
PROPERTY = Step(
    "old-id-property",
    _("A property keeps the old ID on every company"),
    _(
        "It has the same type as the ID in the old CRM. By it the customers that are here are found again, without "
        "duplicates. By name they are found only where it is the same letter for letter, so the ID is better."
    ),
    hubspot.old_id_property,
    acts=(
        Act("choose", _("Choose this property"), acts.choose_property, PropertyForm, is_reached),
        Act("make", _("Add the property to HubSpot"), acts.make_property, NewPropertyForm, is_reached),
    ),
)
FILLED = Step(
    "old-id-filled-there",
    _("Every customer to move has exactly one company with its old ID"),
    _("A customer without one would come in a second time. Who does not move is declared, with the reason."),
    companies.filled_there,
    acts=(
        Act("list", _("List HubSpot’s companies"), acts.list_companies, offered=acts.may_list),
        Act("stay", _("Let these stay behind"), acts.stay_behind, StayForm),
    ),
    page="migration:companies",
    page_label=_("Look at the customers and companies"),
    template="migration/listing.html",
    more=_listing,
)
FILTER = Step(
    "filter",
    _("The filter brings the customers that are wanted"),
    _(
        "Which companies come in: by lifecycle stage (Customer unless you say otherwise), or by a yes/no property such as "
        "“Is To Synchronize”. Two ways lead to a part of the companies: a lifecycle stage for each population, or the yes/no "
        "property, filled on the companies and used as the filter. Companies that were there before come in with the first "
        "sync, where they fit."
    ),
    companies.filtered,
    acts=(Act("expect", _("Expect this number"), acts.expect, ExpectForm, is_reached),),
    template="migration/scope.html",
)
LIFECYCLE = Step(
    "lifecycle",
    _("Every wanted company has the lifecycle stage"),
    _("One without it is not picked up, and its customer here gets no news any more."),
    companies.staged,
)
WORKFLOW = Step(
    "workflow",
    _("A won deal makes the company a customer"),
    _(
        "A workflow in HubSpot sets the lifecycle stage to Customer when a deal is won. Without it, customers that are won "
        "later never arrive here."
    ),
    sign=_("The workflow is there and on"),
)
CHAPTER = Chapter(
    1,
    "hubspot",
    _("HubSpot preparation"),
    _("Who carries the connection, the old IDs, and which companies count as customers."),
    (
        Part(_("Connect"), _("who carries it"), (CONNECTION, CARRIER, IT_AGREES)),
        Part(_("The old ID in HubSpot"), _("what customers are found by"), (MOVED_DATA, PROPERTY, FILLED)),
        Part(_("The filter"), _("which companies are customers"), (FILTER, LIFECYCLE, WORKFLOW)),
    ),
)
