"""A practice Pipedrive: an account in one SQLite file that speaks the real wire, for real clients. It knows no Django."""

from .account import Account, Credentials
from .app import PipedriveSimulator
from .book import PipedriveBook
from .setup import furnish

__all__ = ["Account", "Credentials", "PipedriveBook", "PipedriveSimulator", "furnish"]
