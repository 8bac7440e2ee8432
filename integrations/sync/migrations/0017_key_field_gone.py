from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def name_fields(apps, schema_editor):
    """What is unanswered went out with the field that its data type had."""
    outbox, block = apps.get_model("sync", "Outbox"), apps.get_model("sync", "Block")
    of_row = block.objects.filter(connection=OuterRef("connection"), object=OuterRef("object")).exclude(key_field="")
    sent = outbox.objects.filter(state="sent", kind="create").annotate(known=Subquery(of_row.values("key_field")[:1]))
    sent.exclude(known=None).update(key_field=Subquery(of_row.values("key_field")[:1]))


class Migration(migrations.Migration):

    dependencies = [
        ('sync', '0016_who_changed_it'),
    ]

    operations = [
        migrations.AddField(
            model_name='block',
            name='key_gone_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='outbox',
            name='key_field',
            field=models.CharField(blank=True, db_default='', max_length=80),
        ),
        migrations.RunPython(name_fields, migrations.RunPython.noop, elidable=True),
    ]
