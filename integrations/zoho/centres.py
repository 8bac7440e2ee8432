"""Zoho's data centres: an organisation lives in one of them, and a token of one is worth nothing in another."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Centre:
    name: str
    accounts: str
    """The host that signs people in."""
    top: str
    """The end of the hosts that answer the API, and of the one where people work."""

    @property
    def accounts_url(self) -> str:
        return f"https://{self.accounts}"

    @property
    def api(self) -> str:
        return f"zohoapis.{self.top}"

    @property
    def crm(self) -> str:
        return f"crm.zohocloud.{self.top}" if self.top == "ca" else f"crm.zoho.{self.top}"


CENTRES = (
    Centre("us", "accounts.zoho.com", "com"),
    Centre("eu", "accounts.zoho.eu", "eu"),
    Centre("in", "accounts.zoho.in", "in"),
    Centre("au", "accounts.zoho.com.au", "com.au"),
    Centre("jp", "accounts.zoho.jp", "jp"),
    Centre("ca", "accounts.zohocloud.ca", "ca"),
    Centre("sa", "accounts.zoho.sa", "sa"),
    Centre("cn", "accounts.zoho.com.cn", "com.cn"),
)
ENVIRONMENTS = {"www": "", "sandbox": "/sandbox", "developer": "/developer"}
"""The first part of an API host, and where people see the records of that environment."""
VENDOR_HOSTS = tuple(host for one in CENTRES for host in (one.accounts, one.api))


def centre_named(name: str) -> Centre | None:
    return next((one for one in CENTRES if one.name == name), None)


def centre_of_accounts(url: str) -> Centre | None:
    host = urlsplit(url).hostname
    return next((one for one in CENTRES if one.accounts == host), None)


def centre_of_api(url: str) -> Centre | None:
    host = urlsplit(url).hostname or ""
    return next((one for one in CENTRES if host.partition(".")[2] == one.api), None)


def web_url_of(api_url: str, organisation: str) -> str:
    """Where people see the records: `https://crm.zoho.eu/crm/org20068`; beside the API where the host is no vendor's."""
    centre = centre_of_api(api_url)
    environment = ENVIRONMENTS.get((urlsplit(api_url).hostname or "").partition(".")[0], "")
    origin = f"https://{centre.crm}{environment if centre else ''}" if centre else api_url.rstrip("/")
    return f"{origin}/crm/org{organisation}"
