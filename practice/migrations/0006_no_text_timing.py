from django.db import migrations


class Migration(migrations.Migration):
    """The column stays for now, so that the release before this one goes on while web processes are replaced."""

    dependencies = [("practice", "0005_role_brief")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="turn", name="text_timing")]
        ),
    ]
