"""A practice Intercom: a workspace in one SQLite file that speaks the real wire, for real clients. It knows no Django."""

from .app import IntercomSimulator
from .workspace import Credentials, Workspace, hex_id

__all__ = ["Credentials", "IntercomSimulator", "Workspace", "hex_id"]
