"""A practice HubSpot: a portal in one SQLite file that speaks the real wire, for real clients. It knows no Django."""

from .app import HubSpotSimulator
from .links import load as load_links
from .pipeline_shapes import deal_stage, pipeline
from .portal import Credentials, Portal
from .store import Store

__all__ = ["Credentials", "HubSpotSimulator", "Portal", "Store", "deal_stage", "load_links", "pipeline"]
