"""The time between two columns, in seconds."""

from typing import Any

from django.db.models import FloatField, Func


class SecondsBetween(Func):
    """Seconds from the first time to the second, computed by the database.

    Django's own way calls Python for each row of SQLite.
    """

    output_field = FloatField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        begun, done = (compiler.compile(each) for each in self.get_source_expressions())
        sql = f"EXTRACT(EPOCH FROM {done[0]} - {begun[0]})::double precision"
        return sql, (*done[1], *begun[1])

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        begun, done = (compiler.compile(each) for each in self.get_source_expressions())
        return f"((julianday({done[0]}) - julianday({begun[0]})) * 86400.0)", (*done[1], *begun[1])
