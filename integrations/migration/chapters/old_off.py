"""The old connection, silenced and retired: two systems never write IDs at once."""

from django.utils.translation import gettext_lazy as _

from ..acts import old_connection as acts
from ..checks import old_connection as checks
from ..forms_steps import RetireForm
from ..snapshot_step import SNAPSHOT
from ..steps import Act, Chapter, Part, Step

WARNING = _(
    "As long as the old connection is there, it can come back and write its IDs in parallel, even with every sync disabled. "
    "To retire it is safer than to leave it disabled."
)

CHAPTER = Chapter(
    3,
    "old-off",
    _("Old connection off"),
    _("Before HubSpot is connected, the old CRM stops writing."),
    (
        Part(
            _("Silence"),
            _("nothing is read or written any more"),
            (
                Step(
                    "blocks-off",
                    _("Every sync of the old connection is disabled"),
                    _("Customers, contacts, agreements, notes, calls and all the rest, before HubSpot writes anything."),
                    checks.blocks_off,
                    acts=(
                        Act(
                            "disable", _("Disable every block"), acts.disable_blocks,
                            offered=lambda move: bool(checks.enabled(move)),
                        ),
                        Act(
                            "drop", _("Drop the writes that wait"), acts.drop_writes, offered=acts.may_drop, is_danger=True
                        ),
                    ),
                ),
                Step(
                    "old-retired",
                    _("The old connection is retired"),
                    WARNING,
                    checks.retired,
                    acts=(
                        Act(
                            "retire", _("Retire it for good"), acts.retire, RetireForm, offered=acts.may_retire,
                            is_danger=True,
                        ),
                    ),
                    template="migration/retired.html",
                    more=lambda move: {"has_file": bool(move.retired_file)},
                ),
            ),
        ),
        Part(_("Keep what is here"), _("before anything else writes"), (SNAPSHOT,), gate="a"),
    ),
)  # fmt: skip
