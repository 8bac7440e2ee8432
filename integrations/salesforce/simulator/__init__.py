"""A practice Salesforce: an org in one SQLite file that speaks the real wire, for real clients. It knows no Django."""

from .app import SalesforceSimulator
from .ids import make_id
from .org import Credentials
from .store import Store, stamp
from .views import View, add_view

__all__ = ["Credentials", "SalesforceSimulator", "Store", "View", "add_view", "make_id", "stamp"]
