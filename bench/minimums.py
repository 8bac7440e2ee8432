"""The fewest calls that each vendor's protocol allows for what is measured, computed from its page and batch sizes.

Every sync asks who answers and what the mapped fields are now; of changed records it needs the owners' addresses. Where
nothing else tells that a record left the scope, a delta lists the ids in it: it has to churn at the next run.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Size:
    companies: int
    contacts: int
    deals: int


@dataclass(frozen=True, slots=True)
class Least:
    first: Callable[[Size], int]
    delta: Callable[[Size, Size], int]
    """Of all that is there, and of what changed since."""
    write: Callable[[int], int]
    """Beside the delta of a sync in which nothing else happened."""


def pages(records: int, of: int) -> int:
    """An empty answer is a call too."""
    return max(1, ceil(records / of))


# --- Salesforce: queries of 2,000 rows, collections of 200; owners and parents come with the row.
def salesforce_first(size: Size) -> int:
    """Who am I, three describes; the pages."""
    return 4 + sum(pages(one, 2000) for one in (size.companies, size.contacts, size.deals))


def salesforce_delta(size: Size, changed: Size) -> int:
    """Of each object the changed rows and the list of deletions; the ids of the view."""
    rows = sum(pages(one, 2000) for one in (changed.companies, changed.contacts, changed.deals))
    return 4 + 3 + rows + pages(size.companies, 2000)


SALESFORCE = Least(salesforce_first, salesforce_delta, lambda number: ceil(number / 200))


# --- HubSpot: searches of 200 rows, lists and batches of 100, ties of 1,000 records at once, parents come with the row.
def hubspot_setup(read: int) -> int:
    """The account, the properties of three objects; of what is read, owners who are here and owners who left."""
    return 1 + 3 + (2 if read else 0)


def hubspot_hanging(inside: int) -> int:
    """Contacts or deals of all companies: by a search and its ties to companies, or by lists that name the companies."""
    return min(pages(inside, 200) + pages(inside, 1000), pages(inside, 100))


def hubspot_first(size: Size) -> int:
    hanging = hubspot_hanging(size.contacts) + hubspot_hanging(size.deals)
    return hubspot_setup(size.companies) + pages(size.companies, 200) + hanging


def hubspot_delta(size: Size, changed: Size) -> int:
    """A search of each object and the ties of what it found; what was archived, a list for each; the ids in scope."""
    rows = sum(pages(one, 200) for one in (changed.companies, changed.contacts, changed.deals))
    ties = sum(ceil(one / 1000) for one in (changed.contacts, changed.deals))
    return hubspot_setup(changed.companies) + rows + ties + 3 + pages(size.companies, 200)


HUBSPOT = Least(hubspot_first, hubspot_delta, lambda number: ceil(number / 100))


# --- Pipedrive: lists of 500 rows, no batch of any kind.
def pipedrive_setup() -> int:
    """Who am I, the fields of three entities, the users."""
    return 1 + 3 + 1


def pipedrive_first(size: Size) -> int:
    """A field names the parent, else each organization would be asked for it. Deals that were archived stay won."""
    return pipedrive_setup() + sum(pages(one, 500) for one in (size.companies, size.contacts, size.deals)) + 1


def pipedrive_delta(size: Size, changed: Size) -> int:
    """Changed ones of four lists; one list of what went lately; all organizations with their number of won deals, for who is
    in scope: a deal that moved to another organization, was deleted, or whose organization was merged, changes no stamp of
    the one that lost it."""
    rows = sum(pages(one, 500) for one in (changed.companies, changed.contacts, changed.deals)) + 1
    return pipedrive_setup() + rows + 1 + pages(size.companies, 500)


PIPEDRIVE = Least(pipedrive_first, pipedrive_delta, lambda number: number)


# --- Zoho: queries of 2,000 rows, writes of 100; parents come with the row, owners only as ids.
def zoho_reading(read: Size) -> int:
    """Who am I, the fields of three modules; of what is read, the users, whom rows name by their ids. Which deals are won
    comes with the fields."""
    numbers = (read.companies, read.contacts, read.deals)
    return 1 + 3 + any(numbers) + sum(pages(one, 2000) for one in numbers)


def zoho_delta(_size: Size, changed: Size) -> int:
    """Of each module the changed rows and the list of deletions. Who leaves the scope is of another type, and so changed."""
    return zoho_reading(changed) + 3


ZOHO = Least(zoho_reading, zoho_delta, lambda number: ceil(number / 100))


# --- Sellsy: searches of 100 rows; batches, of 50 lines here, for what has no list. Custom fields come with the row.
BATCH = 50


def sellsy_pages(records: int) -> int:
    """A list ends with a page that is not full: nothing else tells its last one."""
    return records // 100 + 1


def sellsy_setup() -> int:
    """Who am I, the custom fields, the staff."""
    return 3


def sellsy_first(size: Size) -> int:
    """A contact does not say to whom it belongs: each company is asked for its contacts, a line of a batch for each, and
    the answer holds their rows too. To which other companies they belong is asked for 600 contacts at once."""
    links = pages(size.companies, BATCH) + pages(size.contacts, 600)
    return sellsy_setup() + sellsy_pages(size.companies) + links + sellsy_pages(size.deals)


def sellsy_delta(size: Size, changed: Size) -> int:
    """Changed companies and contacts and the links of both; all won opportunities, which have no time of change. Deletions
    leave no trace: a batch asks about the ids of 5,000 records, in scope or known."""
    rows = sellsy_pages(changed.companies) + sellsy_pages(changed.contacts)
    links = ceil(changed.companies / BATCH) + ceil(changed.contacts / BATCH)
    sweep = pages(size.companies, 100 * BATCH) + pages(size.contacts, 100 * BATCH)
    return sellsy_setup() + rows + links + sellsy_pages(size.deals) + sweep


SELLSY = Least(sellsy_first, sellsy_delta, lambda number: ceil(number / BATCH))
