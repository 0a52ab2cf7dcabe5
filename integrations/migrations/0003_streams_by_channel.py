from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import CharField, F, Value
from django.db.models.functions import Concat


def add_channels(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The streams of incidents were their dedup keys alone."""
    deliveries = apps.get_model("integrations", "Delivery").objects.exclude(incident=None)
    deliveries.update(stream=Concat(F("stream"), Value("/"), F("channel"), output_field=CharField()))


class Migration(migrations.Migration):
    dependencies = [("integrations", "0002_failures_told")]

    operations = [migrations.RunPython(add_channels, elidable=True)]
