from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NAME = "Curators"
MODELS = ("skill", "scenario", "scenarioskill")
ALLOWED = [f"{verb}_{model}" for model in MODELS for verb in ("add", "change", "delete", "view")]
ALLOWED += ["view_practicesession", "view_turn"]


def create(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The people who write: everything about skills and scenarios, and reading sessions; no accounts, no erasing."""
    # Permissions are usually created after all migrations; they are needed here.
    config = apps.get_app_config("practice")
    config.models_module = True
    create_permissions(config, apps=apps, using=schema_editor.connection.alias, verbosity=0)
    group, made = apps.get_model("auth", "Group").objects.get_or_create(name=NAME)
    if made:
        permissions = apps.get_model("auth", "Permission").objects
        group.permissions.set(permissions.filter(content_type__app_label="practice", codename__in=ALLOWED))


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
