"""A faster clean-up after tests that commit: tables are emptied, except those with the same rows in every test."""

from django.core.management.color import no_style
from django.db import connections, transaction
from django.test import TransactionTestCase

# Django's `flush` empties these too. It fills the first two again, which takes 50 ms a test, but not the groups, which
# migrations create: whichever test came next in the same process would miss them.
KEPT_TABLES = {"auth_permission", "django_content_type", "auth_group", "auth_group_permissions"}


def install() -> None:
    TransactionTestCase._fixture_teardown = _empty_tables  # type: ignore[method-assign]


def _empty_tables(case: TransactionTestCase) -> None:
    for alias in case._databases_names(include_mirrors=False):
        connection = connections[alias]
        known = connection.introspection.django_table_names(only_existing=True, include_views=False)
        tables = sorted(set(known) - KEPT_TABLES)
        if connection.vendor == "postgresql":
            # TRUNCATE creates new files for each table and index, ten times slower than deleting a few rows.
            with transaction.atomic(using=alias), connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers, no foreign keys
                cursor.execute("; ".join(f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables))
        else:
            # Twice: triggers on the tables that are emptied later write into those that are empty already.
            connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables) * 2)
