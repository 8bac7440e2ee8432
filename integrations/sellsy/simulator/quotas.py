"""What the plan leaves: calls by the second, minute, day and month, and things of which the plan allows so many."""

from integrations.simulation.limits import Window
from integrations.simulation.messages import Request, Response

from .account import Account
from .listing import answer

_RATES = {
    "second": "api_rate_seconds",
    "minute": "api_rate_minutes",
    "day": "api_rate_days",
    "month": "api_rate_months",
}
_HEADERS = {"second": "Second", "minute": "Minute", "day": "Day", "month": "Month"}
CUSTOM_FIELDS = 100
_OTHERS = (
    "email_marketing", "firm_search", "yousign", "esker", "sms_marketing", "custom_field_groups", "pipelines",
    "privilege_profiles", "activity_report", "documents", "file_storage", "rate_categories", "catalog_items",
)  # fmt: skip


def read_quotas(account: Account, _request: Request) -> Response:
    rates = {_RATES[name]: _of(window) for name, window in account.windows.items()}
    missing = {name: {"limit": None, "used": 0} for name in _RATES.values() if name not in rates}
    return answer(
        {
            **{name: {"limit": None, "used": 0} for name in _OTHERS},
            "custom_fields": {"limit": most_fields(account), "used": account.store.count("custom-field")},
            **rates,
            **missing,
        }
    )


def _of(window: Window) -> dict[str, int]:
    return {"limit": window.most, "used": window.most - window.left}


def most_fields(account: Account) -> int:
    return int(account.store.state("custom_fields_max", CUSTOM_FIELDS))


def headers(account: Account) -> dict[str, str]:
    return {f"X-Quota-Remaining-By-{_HEADERS[name]}": str(window.left) for name, window in account.windows.items()}
