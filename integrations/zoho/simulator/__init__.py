"""A practice Zoho: an organisation in one SQLite file that speaks the real wire to real clients, without Django."""

from .account import Account, Credentials
from .app import ZohoSimulator
from .field import Field, Option, lookup, options, picklist
from .ids import made_id, named_id
from .moments import stored
from .oauth import keep_code
from .store import Store
from .views import add_view, criterion

__all__ = [
    "Account", "Credentials", "Field", "Option", "Store", "ZohoSimulator", "add_view", "criterion", "keep_code",
    "lookup",
    "made_id", "named_id", "options", "picklist", "stored",
]  # fmt: skip
