"""A practice Stripe: an account in one SQLite file that speaks the real wire, for real clients. It knows no Django."""

from .account import Credentials
from .app import StripeSimulator
from .store import Store

__all__ = ["Credentials", "Store", "StripeSimulator"]
