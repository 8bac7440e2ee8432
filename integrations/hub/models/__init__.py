"""The hub's objects. Columns and constraints only: rules live in the engine, writes in the sync store."""

from .agreement import Agreement
from .capture import CaptureSettings
from .contact import Contact
from .customer import Customer
from .interaction import Interaction
from .money import ExchangeRate, MoneySettings
from .pipeline import Lead, Opportunity
from .token import ApiToken
from .vocabulary import TAGGED, CsmOwner, CustomField, CustomKey, HealthProfile, Stage, Tag

__all__ = [
    "TAGGED",
    "Agreement",
    "ApiToken",
    "CaptureSettings",
    "Contact",
    "CsmOwner",
    "CustomField",
    "CustomKey",
    "Customer",
    "ExchangeRate",
    "HealthProfile",
    "Interaction",
    "Lead",
    "MoneySettings",
    "Opportunity",
    "Stage",
    "Tag",
]
