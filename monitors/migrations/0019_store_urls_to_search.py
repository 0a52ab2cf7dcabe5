from django.db import migrations

from monitors.outline import outline
from monitors.runner import CollectionError
from monitors.searching import searchable_urls
from workspaces.fields import SecretUnreadable

BATCH = 100


def store_urls(apps, schema_editor):
    """Each collection is a transaction of its own: after an interruption the rest is done."""
    collections = apps.get_model("monitors", "Collection")._base_manager
    missing = collections.filter(request_urls="", latest__isnull=False).order_by("pk")
    last = None
    while pks := list((missing.filter(pk__gt=last) if last else missing).values_list("pk", flat=True)[:BATCH]):
        for pk in pks:
            version = collections.select_related("latest").get(pk=pk).latest
            try:
                urls = searchable_urls(outline(version.content))
            except (CollectionError, SecretUnreadable):
                continue  # The next import stores them.
            collections.filter(pk=pk).update(request_urls=urls)
        last = pks[-1]


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('monitors', '0018_search_for_urls'),
    ]

    operations = [
        migrations.RunPython(store_urls, migrations.RunPython.noop),
    ]
