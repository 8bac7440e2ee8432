from collections.abc import Mapping
from typing import Any

Held = Mapping[str, Any]
"""The properties of a record, and beside them the contacts that it is tied to."""
LONGEST_SUBJECT = 500
