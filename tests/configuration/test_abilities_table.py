from django.conf import settings
from django.utils import translation

from integrations.sync.abilities_table import table_of
from integrations.sync.registry import systems


def test_page_about_the_systems_says_what_they_declare() -> None:
    # Tests register systems of their own beside those of the product.
    ours = [one.abilities for one in systems() if one.connector.__module__.startswith("integrations.")]

    kept = (settings.BASE_DIR / "docs" / "systems.md").read_text()

    with translation.override("en"):
        assert kept == table_of(ours), "make docs writes it anew"
    assert all(f"## {one.label}\n" in kept for one in ours)
