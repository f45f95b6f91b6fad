from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def stop(apps: Any, schema_editor: Any) -> None:
    from history import spoken_words

    spoken_words.stop()


class Migration(migrations.Migration):
    dependencies = [
        ("history", "0007_operators_may_act"),
        ("practice", "0012_coaching_pauses"),
    ]

    operations = [
        migrations.CreateModel(
            name="SpokenWords",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.TextField()),
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="spoken_words",
                        to="practice.practicesession",
                    ),
                ),
            ],
        ),
        # The index and its triggers come once all migrations have run.
        migrations.RunPython(migrations.RunPython.noop, stop),
    ]
