"""HubSpot, configured in three stages, each behind a gate."""

from django.utils.translation import gettext_lazy as _

from ..acts import stages as acts
from ..acts.directions import accept
from ..checks import stages as checks
from ..steps import Act, Chapter, Part, Step


def _accept(stage: str) -> Act:
    return accept(f"{stage}-emptied", lambda move: checks.emptied_by(move, stage))


FIND = Part(
    _("A. Find the existing customers"),
    _("Input only: HubSpot writes IDs into the hub, and nothing else"),
    (
        Step(
            "a-draft",
            _("Stage A is saved"),
            _("Four things alone are configured: the ID, the filter, the merge keys, and Input only. With as little as "
              "that, existing customers are found and no value of theirs is touched."),
            checks.saved("a"),
            page="migration:stage-a",
            page_label=_("Stage A: look, save, run"),
            needs="a",
        ),
        Step("a-ref-id", _("The Customer ID is HubSpot’s Record ID"),
             _("Customers and contacts carry the ID of the system that they live in from now on."), checks.a_ref_id, needs="a"),
        Step("a-scope", _("Only the companies that you want come in"),
             _("The lifecycle stages and the filter of chapter 1."), checks.a_scope, needs="a"),
        Step("a-keys", _("The old CRM ID is the first merge key"),
             _("By it the customers that are here are found again, and none is made twice. Name and domain may follow; "
               "a name alone recognises only where it is the same to the letter."), checks.a_keys, needs="a"),
        Step("a-input", _("Every line is Input only"), _("Nothing is written to HubSpot yet."), checks.a_input, needs="a"),
        Step("a-contacts", _("Contacts are matched on e-mail"),
             _("HubSpot gives every contact an ID of its own; the address is what both systems know."),
             checks.a_contacts, needs="a"),
        Step("one-owner", _("One system owns the Customer ID"),
             _("Two connections that both write it would change it back and forth."), checks.one_owner, needs="a"),
        Step("a-emptied", _("No value of the hub is lost"),
             _("Of every record and field that the run would change or empty, its preview knows before it begins."),
             checks.emptied("a"), acts=(_accept("a"),), needs="a"),
        Step("a-run", _("Stage A has run"),
             _("A first sync may take one to two hours, by the number of records. You can leave and come back."),
             checks.run_ended("a"), page="migration:stage-a", page_label=_("Stage A"), needs="a"),
        Step("a-namesakes", _("Contacts without an e-mail address are told apart"),
             _("Their name at their customer is all that is known of them. A person says that they are the same."),
             checks.namesakes, acts=(Act("link", _("Link them all"), acts.link_namesakes, offered=acts.may_link),),
             needs="a"),
    ),
    gate="b",
)  # fmt: skip
KEEP = Part(
    _("B. Keep what the hub holds"),
    _("Output only: the hub writes what HubSpot lacks"),
    (
        Step("b-draft", _("Stage B is saved"),
             _("Stage, CSM owner, profile, tags and custom fields go out to HubSpot. Output only: what the hub holds stays, "
               "whatever HubSpot says."), checks.saved("b"), page="migration:stage-b",
             page_label=_("Stage B: choose, look, save, run"), needs="b"),
        Step("b-keys", _("HubSpot’s Record ID alone recognises"),
             _("The old CRM ID is taken out of the merge keys. Refused while a customer has no HubSpot ID."),
             checks.b_keys, needs="b"),
        Step("b-lines", _("The further fields are Output only"),
             _("The hub is right about them until you have looked at them in HubSpot."), checks.b_lines, needs="b"),
        Step("b-emptied", _("Stage B empties nothing here"), _("Output only never writes into the hub."),
             checks.emptied("b"), acts=(_accept("b"),), needs="b"),
        Step("b-run", _("Stage B has run"), _("One sync brings the hub’s values to HubSpot."), checks.run_ended("b"),
             page="migration:stage-b", page_label=_("Stage B"), needs="b"),
        Step("b-looked-at", _("Somebody looked at the values in HubSpot"),
             _("Open some companies in HubSpot and compare. Afterwards changes there count here as well."),
             sign=_("They are right in HubSpot"), needs="b"),
    ),
    gate="c",
)  # fmt: skip
BOTH = Part(
    _("C. Let both sides write"),
    _("Two-way, for the fields that both teams work on"),
    (
        Step("c-lines", _("Some lines are two-way"),
             _("Only where both sides agree by now. Choose who wins when both change the same field."), checks.c_lines,
             page="migration:stage-c", page_label=_("Stage C: choose, look, save, run"), needs="c"),
        Step("c-emptied", _("Stage C empties nothing"),
             _("On two-way lines HubSpot may change the hub: the preview says what."), checks.emptied("c"), acts=(_accept("c"),), needs="c"),
        Step("c-run", _("Stage C has run"), _("From here on both sides stay the same."), checks.run_ended("c"),
             page="migration:stage-c", page_label=_("Stage C"), needs="c"),
    ),
)  # fmt: skip
CHAPTER = Chapter(
    4,
    "stages",
    _("Configure HubSpot"),
    _("Three stages: find the customers that are here, bring the hub’s values to HubSpot, then let both sides write."),
    (FIND, KEEP, BOTH),
)
