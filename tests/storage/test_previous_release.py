"""The previous release still works on the new schema: no column is gone, and new ones need no value from it."""

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField, DeleteModel, RemoveField, RenameField, RenameModel
from django.db.migrations.operations.base import Operation
from django.db.models import IntegerField

OURS = {"evaluations", "history", "leancloud", "model_use", "practice", "signin", "storage"}
# From before anything was released.
OLD = {
    ("evaluations", "0003_behaviours"),
    ("history", "0005_export_attempts"),
    ("practice", "0004_behaviours"),
    ("practice", "0005_role_brief"),
    ("practice", "0007_objective_attempts"),
    ("practice", "0009_content_refused"),
    ("practice", "0010_delivery"),
    ("practice", "0012_coaching_pauses"),
    ("storage", "0005_copies"),
}


def breaks_the_release_before(operation: Operation) -> bool:
    """Whether a migration breaks a release that reads all old columns and writes no new ones."""
    if isinstance(operation, AddField):
        return not (operation.field.null or operation.field.many_to_many or operation.field.has_db_default())
    return isinstance(operation, RemoveField | RenameField | RenameModel | DeleteModel)


def test_migrations_remove_no_column_and_new_ones_have_defaults() -> None:
    found = {
        key
        for key, migration in MigrationLoader(None).disk_migrations.items()
        if key[0] in OURS and any(map(breaks_the_release_before, migration.operations))
    }
    assert found <= OLD, (
        "give the column a db_default or null; take one away a release after the last one that reads it"
    )


def test_a_new_column_without_a_database_default_is_noticed() -> None:
    assert breaks_the_release_before(AddField("turn", "count", IntegerField(default=0)))
    assert not breaks_the_release_before(AddField("turn", "count", IntegerField(default=0, db_default=0)))
