"""How a stored value of the practice org reads in a table."""

from datetime import datetime
from typing import Any

from django import template

register = template.Library()


@register.filter
def cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and value.endswith(".000+0000"):
        return datetime.fromisoformat(value).strftime("%d %b %Y, %H:%M UTC")
    return str(value)
