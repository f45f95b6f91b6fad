from django.db import migrations


class Migration(migrations.Migration):
    """The column stays for now: the release before this one writes it while processes are replaced."""

    dependencies = [
        ("evaluations", "0003_behaviours"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="evaluation", name="woken_at")]
        ),
    ]
