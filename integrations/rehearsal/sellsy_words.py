"""How single values of the made-up world are written in Sellsy: fields by id, choices by id, amounts as text."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Body = dict[str, Any]
COUNTRIES = {
    "France": "FR", "United Kingdom": "GB", "Germany": "DE", "Belgium": "BE", "Netherlands": "NL", "Spain": "ES",
    "Portugal": "PT", "Italy": "IT", "Sweden": "SE", "Poland": "PL", "United States": "US", "Canada": "CA",
    "Singapore": "SG",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fields:
    """The account's custom fields by their code: id and definition."""

    known: dict[str, tuple[str, Body]]

    def number(self, code: str) -> str:
        return self.known[code][0]

    def choice(self, code: str, label: str | None) -> int | None:
        items = self.known[code][1]["parameters"]["items"]
        return next((one["id"] for one in items if one["label"] == label), None)

    def values(self, **by_code: Any) -> Body:
        """`renewal_date=…` is the field with the code `renewal-date`; what is not set is left out."""
        found = {self.number(code.replace("_", "-")): value for code, value in by_code.items()}
        return {number: value for number, value in found.items() if value is not None}


def amount(value: Decimal | None, currency: str = "EUR") -> Body | None:
    return None if value is None else {"amount": f"{value:.2f}", "currency": currency}


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
