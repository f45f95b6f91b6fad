from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def grant(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Operators may retry and give up jobs. Permissions are usually created after all migrations; needed here."""
    config = apps.get_app_config("history")
    config.models_module = True
    create_permissions(config, apps=apps, using=schema_editor.connection.alias, verbosity=0)
    permission = apps.get_model("auth", "Permission").objects.get(
        content_type__app_label="history", codename="manage_operations"
    )
    for group in apps.get_model("auth", "Group").objects.filter(name="Operators"):
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("history", "0006_retention")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
