"""A practice Sellsy: an account in one SQLite file that speaks the real wire, for real clients. It knows no Django."""

from . import activities, custom_fields
from .account import Credentials
from .app import SellsySimulator
from .store import Store

__all__ = ["Credentials", "SellsySimulator", "Store", "activities", "custom_fields"]
