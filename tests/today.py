"""The day on which a test run began. With the fixture `one_day` it stays today, even when midnight passes meanwhile."""

from django.utils import timezone

TODAY = timezone.localdate()
