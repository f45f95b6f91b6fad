import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from history import tally


def stop(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Before the table goes; they are installed after all migrations have run."""
    tally.stop()


class Migration(migrations.Migration):
    dependencies = [
        ("history", "0003_archive"),
        ("practice", "0002_curators"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_id", models.CharField(max_length=64)),
                ("sessions", models.IntegerField()),
                ("held", models.IntegerField()),
                ("seconds", models.IntegerField()),
                (
                    "scenario",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="practice.scenario",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user_id", "scenario"), name="tally_once")],
            },
        ),
        migrations.RunPython(migrations.RunPython.noop, stop),
    ]
