from django.db import migrations


class Migration(migrations.Migration):
    """The mirror's three tables belong to `coach.leancloud` from here on; in the database nothing happens."""

    dependencies = [
        ("storage", "0005_copies"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(name="MirrorLease"),
                migrations.DeleteModel(name="MirrorRow"),
                migrations.DeleteModel(name="RemoteObject"),
            ],
        ),
    ]
