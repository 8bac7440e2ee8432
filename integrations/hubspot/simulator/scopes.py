"""What a token may do: the scopes an app can ask for, and which of them a call needs."""

from dataclasses import dataclass

AREAS = ("companies", "contacts", "deals", "leads")
KNOWN = (
    "oauth",
    *(f"crm.objects.{area}.{action}" for area in AREAS for action in ("read", "write")),
    *(f"crm.schemas.{area}.{action}" for area in AREAS[:3] for action in ("read", "write")),
    "crm.objects.owners.read", "crm.lists.read", "crm.lists.write", "sales-email-read", "tickets",
)  # fmt: skip
OAUTH, STATIC = "oauth", "static"
"""What a caller's limits go by."""
EMAIL_BODIES = "sales-email-read"
OWNERS = ("crm.objects.owners.read",)
LISTS = ("crm.lists.read", "crm.lists.write")


@dataclass(frozen=True, slots=True)
class Caller:
    scopes: frozenset[str]
    is_oauth: bool
    user_id: str = ""

    @property
    def app(self) -> str:
        return OAUTH if self.is_oauth else STATIC


def schema_scopes(area: str, action: str) -> tuple[str, ...]:
    """Making a property needs the schema's scope; reading them goes with either."""
    if area not in AREAS[:3]:
        area = "contacts" if area != "leads" else "leads"
    if action == "write":
        return (f"crm.schemas.{area}.write",)
    return (
        f"crm.schemas.{area}.read",
        f"crm.schemas.{area}.write",
        f"crm.objects.{area}.read",
        f"crm.objects.{area}.write",
    )
