"""How the tables are emptied after a test that commits."""

from django.core.management.color import no_style
from django.db import connections
from django.test import TransactionTestCase

# The same for every test. `flush` empties them too and then makes them again, which takes 50 ms a test.
KEPT_TABLES = {"auth_permission", "django_content_type"}


def keep_what_is_the_same() -> None:
    TransactionTestCase._fixture_teardown = _empty_the_others  # type: ignore[method-assign]


def _empty_the_others(case: TransactionTestCase) -> None:
    for alias in case._databases_names(include_mirrors=False):
        connection = connections[alias]
        tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
        connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), sorted(tables - KEPT_TABLES)))
