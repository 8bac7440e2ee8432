"""The trouble planted in the practice HubSpot that a team moves to, for the checks of a move to find.

Companies are named by their numbers in the made-up world: the practice Salesforce and Pipedrive hold the same ones. All numbers are
below `LEAST`, so that a world of so many plain companies has all of the trouble and nothing else. The lifelike world has awkward rows
of its own beside: three more customers on domains that everybody shares, and names that stand twice.
"""

from integrations.hubspot.simulator.properties import Definition

from .hubspot_ids import record_id
from .hubspot_properties import options, own
from .salesforce_org import account_id
from .world import World, slug

LEAST = 20
SHIFT = 120_000
"""Between a company's number in the world and the one that its HubSpot id is made of. All cycles in the world divide it."""
WANTED = frozenset({"customer", "channel customer"})
"""Who is a customer in the old CRM."""

WITHOUT_OLD_ID = (2, 10, 17)
WRONG_STAGE = {3: "lead", 9: "opportunity", 18: "opportunity"}
"""Customers whose deals were won before anything moved them on: a filter on the stage leaves them out."""
TWIN, TWIN_RECORD = 5, 200_000
"""One customer, and the number of a second company that somebody made by hand: same name, domain and old IDs."""
GENERIC_DOMAIN, DOMAIN = (6, 14), "gmail.com"
TYPING_ERROR = 8
"""Its old IDs are in use nowhere."""
BLANK, BLANKED = (1, 11, 13, 19), ("customer_stage", "csm", "products", "renewal_date")
"""Customers of whom HubSpot lacks the stage, the manager, the tags and a field of the team's own; the old CRM has them."""
TOO_WIDE = {"partner": 1, "former": 2}
"""Moved along, never among the old CRM's customers: every so-manieth of them bears the stage Customer all the same."""
ONLY_IN_HUBSPOT = {
    200_003 + 3 * place: name
    for place, name in enumerate((
        "Quayside Catering", "Oldmill Furniture", "Tallowgate Bikes", "Bramble and Sons", "Ferryside Optics",
        "Cinderhill Gym", "Larchwood Stationers", "Pebble Lane Dental", "Saltmarsh Hostels", "Windrush Kitchens",
        "Copperfield Nursery", "Tanner Street Press",
    ))
}  # fmt: skip
"""Met at a fair and typed in with the stage Customer: no CRM but HubSpot ever knew them."""

SALESFORCE_ID, PIPEDRIVE_ID, IS_TO_SYNCHRONIZE = "salesforce_id", "pipedrive_id", "is_to_synchronize"
PROPERTIES: list[Definition] = [
    own(SALESFORCE_ID, "Salesforce ID", "string", "text"),
    own(PIPEDRIVE_ID, "Pipedrive ID", "number", "number"),
    own(IS_TO_SYNCHRONIZE, "Is To Synchronize", "bool", "booleancheckbox",
        options=options(("true", "Yes"), ("false", "No"))),
]  # fmt: skip


def wanted(world: World) -> list[int]:
    """The numbers of all who are to be found again after the move."""
    return [one.number for one in world.companies() if one.relation in WANTED]


def too_wide(world: World) -> list[int]:
    """The numbers of those whom the stage Customer alone brings along; `ONLY_IN_HUBSPOT` come on top."""
    return [one.number for one in world.companies() if is_too_wide(one.relation, one.number)]


def is_too_wide(relation: str, number: int) -> bool:
    return relation in TOO_WIDE and number % TOO_WIDE[relation] == 0


def hubspot_id(number: int) -> str:
    """The record of a company or a person of the world, by its number there; also of the extra companies above."""
    return record_id(SHIFT + number)


def old_ids(number: int) -> dict[str, str]:
    """What a person would type to put a company right."""
    return {SALESFORCE_ID: account_id(number), PIPEDRIVE_ID: str(number)}


def held_ids(number: int) -> dict[str, str]:
    """What stands there before anybody does."""
    if number in WITHOUT_OLD_ID or number in ONLY_IN_HUBSPOT:
        return {}
    right = old_ids(TWIN if number == TWIN_RECORD else number)
    if number != TYPING_ERROR:
        return right
    salesforce = right[SALESFORCE_ID]
    # The letter where the nought belongs, and a key that hung.
    return {SALESFORCE_ID: f"{salesforce[:13]}O{salesforce[14:]}", PIPEDRIVE_ID: f"{number}000000{number}"}


def domain(name: str) -> str:
    return f"{slug(name)}.example"
