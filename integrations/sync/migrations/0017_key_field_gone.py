from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sync', '0016_who_changed_it'),
    ]

    operations = [
        migrations.AddField(
            model_name='block',
            name='key_field_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='block',
            name='key_gone_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
