"""Time by the database's clock: leases, schedules and heartbeats of many machines are compared by one clock only."""

from datetime import timedelta

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, Value
from django.db.models.functions import Now


def from_now(seconds: float) -> ExpressionWrapper:
    moment = Now() + Value(timedelta(seconds=seconds), output_field=DurationField())
    return ExpressionWrapper(moment, output_field=DateTimeField())
