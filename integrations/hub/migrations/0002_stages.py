from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

STAGES = (
    {"name": "trial", "label": "Trial", "position": 1},
    {"name": "onboarding", "label": "Onboarding", "position": 2, "is_default": True},
    {"name": "run", "label": "Run", "position": 3},
    {"name": "churn", "label": "Churn", "position": 4, "is_churn": True},
)


def add_stages(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    stage = apps.get_model("hub", "Stage")
    stage.objects.bulk_create([stage(**columns) for columns in STAGES])


class Migration(migrations.Migration):
    dependencies = [("hub", "0001_initial")]

    # Going back drops the table's rows with the table; customers may stand in these stages until then.
    operations = [migrations.RunPython(add_stages, migrations.RunPython.noop)]
