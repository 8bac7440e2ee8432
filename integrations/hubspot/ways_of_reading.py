"""Which way takes fewer calls for what hangs on companies: by their ties, a hundred records a call; or by a search over the
whole portal, two hundred a call, which also brings what hangs on nobody in scope."""

from math import ceil

from .client import ASSOCIATED, BATCH, SEARCH_PAGE

TIED, SEARCHED = "tied", "searched"


def calls_by_ties(records: float, companies: int) -> int:
    return ceil(companies / ASSOCIATED) + ceil(records / BATCH) + ceil(records / ASSOCIATED)


def calls_by_search(records: float) -> int:
    return ceil(records / SEARCH_PAGE) + ceil(records / ASSOCIATED)


def is_worth_asking(records: float, companies: int) -> bool:
    """How many the portal holds is a call of its own, and a search cannot take fewer than for these records alone."""
    return calls_by_ties(records, companies) > calls_by_search(records) + 1
