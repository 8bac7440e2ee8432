"""The data centres: a client belongs to one, and its tokens are worth nothing in another, nor in a sandbox."""

# Source: the "Multi DC Support" page of v8 and the data centres in the vendor's Python client.

import re
from dataclasses import dataclass

from integrations.simulation.messages import Request


@dataclass(frozen=True, slots=True)
class Centre:
    location: str
    accounts: str
    api: str


def _centre(location: str, top: str, name: str = "zoho") -> Centre:
    return Centre(location, f"accounts.{name}.{top}", f"www.zohoapis.{top}")


CENTRES = (
    _centre("us", "com"), _centre("eu", "eu"), _centre("in", "in"), _centre("au", "com.au"), _centre("jp", "jp"),
    _centre("ca", "ca", "zohocloud"), _centre("sa", "sa"), _centre("cn", "com.cn"),
)  # fmt: skip
HOME = CENTRES[1]
_OTHER_PLACES = re.compile(r"(?:sandbox|developer)\.zohoapis\..+")


def is_elsewhere(request: Request) -> bool:
    """A Zoho host of another centre or environment; a practice host is always at home."""
    name = request.host.partition(":")[0]
    known = any(name in {one.accounts, one.api} for one in CENTRES)
    return bool(_OTHER_PLACES.fullmatch(name)) or (known and name not in {HOME.accounts, HOME.api})


def is_zoho(request: Request) -> bool:
    return any(request.host.partition(":")[0] in {one.accounts, one.api} for one in CENTRES)


def accounts_server(request: Request) -> str:
    return f"https://{HOME.accounts}" if is_zoho(request) else request.origin


def api_domain(request: Request) -> str:
    return f"https://{HOME.api}" if is_zoho(request) else request.origin
