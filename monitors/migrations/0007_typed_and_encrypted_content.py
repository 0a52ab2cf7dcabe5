"""Values of environments keep their JSON type, and collections are encrypted, since they hold secrets too.

Needs every key that encrypted a value so far: it stops with a sentence, and changes nothing, where one is missing.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import workspaces.fields


def copy(model_name: str, old: str, new: str):
    def forwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        rows = apps.get_model("monitors", model_name).objects.only("pk", old)
        for row in rows.iterator(chunk_size=20):
            setattr(row, new, getattr(row, old))
            row.save(update_fields=[new])

    return migrations.RunPython(forwards, migrations.RunPython.noop, elidable=True)


class Migration(migrations.Migration):
    dependencies = [
        ("monitors", "0006_system_errors"),
    ]

    operations = [
        migrations.AddField(
            "collectionversion", "encrypted_content", workspaces.fields.EncryptedDocumentField(default=None)
        ),
        migrations.AddField(
            "environmentvariable", "typed_value", workspaces.fields.EncryptedJSONField(default="")
        ),
        copy("CollectionVersion", "content", "encrypted_content"),
        copy("EnvironmentVariable", "value", "typed_value"),
        migrations.RemoveField("collectionversion", "content"),
        migrations.RemoveField("environmentvariable", "value"),
        migrations.RenameField("collectionversion", "encrypted_content", "content"),
        migrations.RenameField("environmentvariable", "typed_value", "value"),
        migrations.AlterField(
            "collectionversion",
            "content",
            workspaces.fields.EncryptedDocumentField(
                help_text="The collection's JSON, schema 2.0 or 2.1, as it was imported. It may hold secrets."
            ),
        ),
        migrations.AlterField(
            "environmentvariable",
            "value",
            workspaces.fields.EncryptedJSONField(
                blank=True,
                default="",
                help_text="Any JSON value: a script gets a number as a number.",
            ),
        ),
    ]
