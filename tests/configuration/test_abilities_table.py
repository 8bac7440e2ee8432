from io import StringIO

from django.conf import settings
from django.core.management import call_command

from integrations.sync.registry import systems


def test_page_about_the_systems_says_what_they_declare() -> None:
    told = StringIO()
    call_command("systems", stdout=told)

    kept = (settings.BASE_DIR / "docs" / "systems.md").read_text()

    assert kept == told.getvalue(), "make docs writes it anew"
    assert all(f"## {system.abilities.label}\n" in kept for system in systems())
