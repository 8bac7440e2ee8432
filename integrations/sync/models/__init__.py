"""Connections, their configuration, runs, the stage, the journal and the links. Rules live in the engine."""

from .alerts import Alert, AlertChannel, AlertChoice, AlertDelivery, Event
from .api_call import ApiCall
from .awaited import AwaitedContact
from .connection import (
    RECORDED,
    Block,
    Connection,
    ConnectionState,
    DataType,
    FieldMapping,
    Mode,
    OnDelete,
    OnDrift,
    Version,
)
from .hard_delete import HardDelete, HardDeletePage
from .journal import Change, DailyTotal, PlannedChange
from .link import RecordLink
from .outbox import Conflict, HubMark, Outbox
from .rekey import ReKey, ReKeyRow
from .run import Heartbeat, Run, Staged, StagedKey

__all__ = [
    "RECORDED",
    "Alert",
    "AlertChannel",
    "AlertChoice",
    "AlertDelivery",
    "ApiCall",
    "AwaitedContact",
    "Block",
    "Change",
    "Conflict",
    "Connection",
    "ConnectionState",
    "DailyTotal",
    "DataType",
    "Event",
    "FieldMapping",
    "HardDelete",
    "HardDeletePage",
    "Heartbeat",
    "HubMark",
    "Mode",
    "OnDelete",
    "OnDrift",
    "Outbox",
    "PlannedChange",
    "ReKey",
    "ReKeyRow",
    "RecordLink",
    "Run",
    "Staged",
    "StagedKey",
    "Version",
]
