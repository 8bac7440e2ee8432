"""Connections, their configuration, runs, the stage, the journal and the links. Rules live in the engine."""

from .connection import Block, Connection, ConnectionState, FieldMapping, Mode, Version
from .journal import Change, DailyTotal, PlannedChange
from .link import RecordLink
from .run import Heartbeat, Run, Staged, StagedKey

__all__ = [
    "Block",
    "Change",
    "Connection",
    "ConnectionState",
    "DailyTotal",
    "FieldMapping",
    "Heartbeat",
    "Mode",
    "PlannedChange",
    "RecordLink",
    "Run",
    "Staged",
    "StagedKey",
    "Version",
]
