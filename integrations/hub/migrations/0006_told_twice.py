from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hub", "0005_money"),
    ]

    operations = [
        migrations.CreateModel(
            name="CaptureSettings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mailbox_connected", models.BooleanField(default=False, verbose_name="a mailbox is connected")),
                ("calendar_connected", models.BooleanField(default=False, verbose_name="a calendar is connected")),
            ],
            options={
                "verbose_name": "mailbox and calendar",
                "verbose_name_plural": "mailbox and calendar",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="hub_capture_settings_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="interaction",
            name="ical_uid",
            field=models.CharField(blank=True, db_default="", default="", max_length=1000, verbose_name="calendar ID"),
        ),
        migrations.AddIndex(
            model_name="interaction",
            index=models.Index(fields=["-starts_at", "-id"], name="hub_interaction_latest"),
        ),
    ]
