from collections.abc import Iterator
from itertools import islice
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

KINDS = ("emails", "meetings", "calls", "notes")


def note_whom_interactions_name(apps: Any, _schema_editor: Any) -> None:
    """What was taken in before this table was there: the names in it that no contact answers to yet."""
    all_links, interactions = apps.get_model("sync", "RecordLink").objects, apps.get_model("hub", "Interaction").objects
    awaited = apps.get_model("sync", "AwaitedContact")
    links = all_links.filter(object__in=KINDS, hub_id__isnull=False).order_by("connection_id", "pk")
    for connection in links.order_by("connection_id").values_list("connection_id", flat=True).distinct():
        rows = links.filter(connection=connection).values_list("hub_id", flat=True).iterator(chunk_size=500)
        for ids in _pages(rows, 500):
            named = dict(interactions.filter(pk__in=ids).values_list("pk", "contact_refs"))
            refs = {ref for many in named.values() for ref in many if len(ref) <= 64 and not ref.startswith("hub:")}
            here = all_links.filter(connection=connection, object="contacts", source_id__in=refs, hub_id__isnull=False)
            missing = refs - set(here.values_list("source_id", flat=True))
            awaited.objects.bulk_create(
                [
                    awaited(connection_id=connection, source_id=ref, interaction_id=pk)
                    for pk, many in named.items()
                    for ref in sorted(missing & set(many))
                ],
                ignore_conflicts=True,
            )


def _pages(rows: Iterator[int], size: int) -> Iterator[list[int]]:
    while page := list(islice(rows, size)):
        yield page


class Migration(migrations.Migration):
    dependencies = [
        ("hub", "0006_told_twice"),
        ("sync", "0006_alerts"),
    ]

    operations = [
        migrations.CreateModel(
            name="AwaitedContact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source_id", models.CharField(max_length=64)),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="sync.connection"
                    ),
                ),
                (
                    "interaction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="hub.interaction"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("connection", "source_id", "interaction"), name="sync_awaited_once")
                ],
            },
        ),
        migrations.RunPython(note_whom_interactions_name, migrations.RunPython.noop),
    ]
