from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0007_awaited_contacts"),
    ]

    operations = [
        migrations.AddField(
            model_name="outbox",
            name="given_up_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="recordlink",
            name="given_up_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="recordlink",
            name="next_try_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="recordlink",
            name="tries",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name="recordlink",
            index=models.Index(
                condition=models.Q(("next_try_at__isnull", False)),
                fields=["connection", "object", "next_try_at"],
                name="sync_link_next_try",
            ),
        ),
        migrations.AddIndex(
            model_name="recordlink",
            index=models.Index(
                condition=models.Q(("given_up_at__isnull", False)),
                fields=["connection", "object", "id"],
                name="sync_link_given_up",
            ),
        ),
    ]
