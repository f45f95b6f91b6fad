from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OPERATORS = {
    "practice": ["view_skill", "view_scenario", "view_practicesession", "delete_practicesession", "view_turn"],
    "evaluations": ["view_evaluation", "change_evaluation"],
    "history": ["view_visit", "view_erasure"],
    "auditlog": ["view_logentry"],
}
# Reviewing a session includes asking for its evaluation again.
CURATORS = {"evaluations": ["view_evaluation", "change_evaluation"]}


def create(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The people who keep it running: they see how it runs, erase sessions and write nothing of the catalog."""
    for label in OPERATORS:
        # Permissions are usually created after all migrations; they are needed here.
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, apps=apps, using=schema_editor.connection.alias, verbosity=0)
    groups = apps.get_model("auth", "Group").objects
    group, made = groups.get_or_create(name="Operators")
    if made:
        group.permissions.set(_permissions(apps, OPERATORS))
    for group in groups.filter(name="Curators"):
        group.permissions.add(*_permissions(apps, CURATORS))


def _permissions(apps: Apps, wanted: dict[str, list[str]]) -> list[object]:
    permissions = apps.get_model("auth", "Permission").objects
    return [
        permission
        for label, codes in wanted.items()
        for permission in permissions.filter(content_type__app_label=label, codename__in=codes)
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("history", "0001_initial"),
        ("evaluations", "0001_evaluation"),
        ("practice", "0002_curators"),
        ("auditlog", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
