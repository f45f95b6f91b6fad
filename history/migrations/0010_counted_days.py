from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("history", "0009_goal")]
    operations = [
        migrations.CreateModel(
            name="CountedDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("criteria", models.JSONField()),
                ("first_audio", models.JSONField()),
                ("counted_at", models.DateTimeField()),
            ],
        ),
    ]
