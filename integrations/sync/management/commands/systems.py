"""`manage.py systems`: what each system can do here, as Markdown."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from integrations.sync.abilities_table import table_of
from integrations.sync.registry import systems


class Command(BaseCommand):
    help = "Says what each system can do here, as Markdown (docs/systems.md)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            self.stdout.write(table_of(system.abilities for system in systems()), ending="")
