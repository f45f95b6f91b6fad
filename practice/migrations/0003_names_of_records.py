from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0002_curators"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="practicesession",
            options={"verbose_name": "practice session", "verbose_name_plural": "practice sessions"},
        ),
        migrations.AlterModelOptions(
            name="scenario",
            options={"ordering": ["category", "title"], "verbose_name": "scenario", "verbose_name_plural": "scenarios"},
        ),
        migrations.AlterModelOptions(
            name="skill",
            options={"ordering": ["category", "name"], "verbose_name": "skill", "verbose_name_plural": "skills"},
        ),
    ]
