"""The old CRM's ID on every customer here: later the key by which HubSpot's companies are recognised."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations.hub.models import Customer
from integrations.sync.origin import record_url

from .. import old_id
from ..acts import old_id as acts
from ..checks import old_id as checks
from ..facts import to_move
from ..forms_steps import FieldForm, NewFieldForm
from ..models import Move
from ..steps import Act, Chapter, Part, Step


def _sample(move: Move) -> Mapping[str, Any]:
    rows = to_move(move).filter(pk__in=move.sample).order_by("name", "pk") if move.sample else Customer.objects.none()
    return {
        "rows": [
            {
                "customer": one,
                "old_id": vars(one)["old_id"],
                "held": checks.shown(one, move.old_id_field),
                "url": record_url(move.old, "customers", vars(one)["old_id"]),
            }
            for one in rows
        ]
    }


CHAPTER = Chapter(
    2,
    "hub",
    _("Hub preparation"),
    _("The old CRM's ID is kept on every customer here: later HubSpot's companies are recognised by it."),
    (
        Part(
            _("The old ID here"),
            _("later a merge key"),
            (
                Step(
                    "old-id-field",
                    _("A field keeps the old ID on every customer"),
                    _(
                        "Of the same type as in the old CRM. It outlives the old connection, and later serves as the merge "
                        "key by which HubSpot’s companies find their customer here."
                    ),
                    checks.field,
                    acts=(
                        Act("make", _("Make the field"), acts.make_field, NewFieldForm),
                        Act(
                            "choose",
                            _("Choose this field"),
                            acts.choose_field,
                            FieldForm,
                            offered=lambda move: old_id.fields(move).exists(),
                        ),
                    ),
                ),
                Step(
                    "old-id-mapped",
                    _("The old connection fills it"),
                    _("One line in its Customers block, from the ID there into the field here. It goes in only."),
                    checks.mapped,
                    acts=(Act("map", _("Add the line"), acts.map_field, offered=acts.is_unmapped),),
                ),
                Step(
                    "old-id-filled",
                    _("It is filled on every customer to move"),
                    _("Let one sync of the old connection run: it fills the field by itself."),
                    checks.filled,
                    acts=(
                        Act("sync", _("Sync now"), acts.sync_now, offered=acts.may_sync),
                        Act("fill", _("Fill the empty ones from what is known"), acts.fill, offered=acts.may_fill),
                    ),
                ),
                Step(
                    "old-id-sample",
                    _("It is right on a sample"),
                    _("Compare the ID here with the record in the old CRM, on twenty customers drawn once."),
                    checks.sampled,
                    acts=(Act("draw", _("Draw the sample"), acts.draw_sample, offered=lambda move: not move.sample),),
                    sign=_("I looked at the sample in the old CRM"),
                    template="migration/sample.html",
                    more=_sample,
                ),
            ),
        ),
    ),
)
