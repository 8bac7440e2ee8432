"""What an administrator of the practice Sellsy set up before anybody worked in it: staff, fields, pipelines, labels, saved views."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from integrations.sellsy.simulator import Store, custom_fields

from .deals import PLANS, RENEWALS
from .sellsy_words import Body, Fields
from .world import BEGINNING, SEGMENTS, STAGES, Colleague, World

THIRDS = ["client", "prospect"]
STEPS = (
    ("Premier contact", 10), ("Qualification", 20), ("Besoin identifié", 30), ("Démonstration", 40), ("Proposition", 50),
    ("Décideurs", 60), ("Négociation", 80), ("Accord verbal", 90), ("Signature", 100),
)  # fmt: skip
WON_STEP = 9
RENEWAL_STEPS = (("À préparer", 50), ("Envoyé", 70), ("Renouvelé", 100))
SOURCES = ("Site web", "Salon", "Recommandation", "Appel entrant")
TOPICS = ("Support", "Suivi", "Renouvellement")
TASK_LABELS = ("📞 Relance téléphonique", "Envoyer un document", "Préparer une réunion")
EVENT_LABELS = ("Rendez-vous", "Formation", "Revue trimestrielle")
UNKNOWN_STAGE = "Legacy (do not use)"
ROLES = ("Ambassador", "Sponsor", "Key user", "End user", "Retired role")
MODULES = ("Reporting", "Exports", "Single sign-on", "Mobile app")
# Type, name, code, objects, labels of its choices.
_FIELDS: tuple[tuple[str, str, str, list[str], tuple[str, ...]], ...] = (
    (
        "select",
        "Lifecycle stage",
        "lifecycle-stage",
        THIRDS,
        (*dict.fromkeys(STAGES), "Former customer", UNKNOWN_STAGE),
    ),
    ("radio", "Segment", "segment", THIRDS, tuple(dict.fromkeys(SEGMENTS))),
    ("staff", "Customer success manager", "csm", THIRDS, ()),
    ("date", "Renewal date", "renewal-date", THIRDS, ()),
    ("amount", "Annual spend", "annual-spend", THIRDS, ()),
    ("boolean", "Strategic", "strategic", THIRDS, ()),
    ("company-individual", "Parent company", "parent-company", [*THIRDS, "supplier"], ()),
    ("checkbox", "Modules", "modules", THIRDS, MODULES),
    ("rich-text", "Onboarding notes", "onboarding-notes", THIRDS, ()),
    ("simple-text", "Industry", "industry", [*THIRDS, "supplier"], ()),
    ("numeric", "Seats", "seats", ["client"], ()),
    ("url", "Customer portal", "customer-portal", ["client"], ()),
    ("select", "Role", "role", ["contact"], ROLES),
    ("simple-text", "Contact number", "contact-number", ["contact"], ()),
    ("time", "Best time to call", "best-time", ["contact"], ()),
    ("date", "Contract start", "contract-start", ["opportunity"], ()),
    ("numeric", "Term in months", "term-months", ["opportunity"], ()),
    ("date", "Notice date", "notice-date", ["opportunity"], ()),
    ("radio", "Renewal terms", "renewal-terms", ["opportunity"], tuple(dict.fromkeys(RENEWALS))),
    ("amount", "Setup fee", "setup-fee", ["opportunity"], ()),
    ("select", "Plan", "plan", ["opportunity"], tuple(dict.fromkeys(PLANS))),
    ("numeric-with-unit", "Notice period", "notice-period", ["opportunity"], ()),
)


def set_up(store: Store, world: World) -> Fields:
    store.load("staff", _stamped(_staff(one) for one in world.colleagues))
    fields = _load_fields(store)
    _load_short_lists(store)
    _load_views(store, fields)
    return fields


def _stamped(bodies: Iterator[Body]) -> Iterator[tuple[int, Body, datetime, datetime]]:
    return ((number, body, BEGINNING, BEGINNING) for number, body in enumerate(bodies, 1))


def _staff(one: Colleague) -> Body:
    # Who has left is blocked, not gone.
    return {
        "lastname": one.last, "firstname": one.first, "email": one.email, "avatar": None,
        "status": "ok" if one.active else "blocked", "position": one.profile or None, "phone_number": None,
        "mobile_number": None, "fax_number": None, "civility": None, "profile": 1, "team": None, "job": None,
    }  # fmt: skip


def _load_fields(store: Store) -> Fields:
    rows: list[Body] = []
    choice = 0
    for rank, (sort, name, code, objects, labels) in enumerate(_FIELDS):
        body = custom_fields.definition(sort, name, code, objects, rank=rank)
        for label in labels:
            choice += 1
            items = body["parameters"]["items"]
            items.append({"id": choice, "label": label, "checked": False, "rank": len(items)})
        rows.append(body)
    store.load("custom-field", _stamped(iter(rows)))
    store.execute("INSERT INTO _number VALUES ('choice', ?)", (choice,))
    return Fields({body["code"]: (str(number), body) for number, body in enumerate(rows, 1)})


def _load_short_lists(store: Store) -> None:
    pipelines = ("Ventes", "Renouvellements")
    store.load(
        "pipeline",
        _stamped(iter([{"name": name, "is_default": n == 0, "rank": n} for n, name in enumerate(pipelines)])),
    )
    steps = [
        {"name": name, "probability": probability, "rank": rank, "pipeline": pipeline}
        for pipeline, some in enumerate((STEPS, RENEWAL_STEPS), 1)
        for rank, (name, probability) in enumerate(some)
    ]
    store.load("step", _stamped(iter(steps)))
    source = {"is_default": False, "is_hidden": False, "category_id": 1}
    store.load("source", _stamped(iter([{"name": name, **source, "rank": n} for n, name in enumerate(SOURCES)])))
    for kind, names in (("call-topic", TOPICS), ("task-label", TASK_LABELS), ("event-label", EVENT_LABELS)):
        rows = [{"name": name, "color": "FAE60C", "is_active": True, "rank": n} for n, name in enumerate(names)]
        store.load(kind, _stamped(iter(rows)))


def _load_views(store: Store, fields: Fields) -> None:
    stage, onboarding = fields.number("lifecycle-stage"), fields.choice("lifecycle-stage", "Onboarding")
    views: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
        ("company", "Clients actifs", {"type": "client", "is_archived": False}, {}),
        ("company", "Onboarding", {"type": ["client"]}, {stage: onboarding}),
        ("company", "Rien ici", {"name": "Never used"}, {}),
        ("contact", "Contacts liés", {"is_linked": True}, {}),
        ("opportunity", "Gagnées", {"statuses": ["won"]}, {}),
    ]
    rows = [
        {"object": kind, "name": name, "type": "staff", "filters": filters, "custom": custom}
        for kind, name, filters, custom in views
    ]
    store.load("favourite-filter", _stamped(iter(rows)))
