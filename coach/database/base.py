"""The module in which Django looks for a database backend."""

from collections.abc import Callable
from typing import Any

from django.core import checks
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.base.validation import BaseDatabaseValidation
from django.db.backends.postgresql import base

from coach.database import reserved
from coach.database.pool import AnsweringPool


class EncodingCheck(BaseDatabaseValidation):
    """Refuses a database that cannot store every language, before `migrate` creates the first table.

    `createdb` on a server that was set up with the C locale creates one in SQL_ASCII.
    """

    def check(self, **options: Any) -> list[Any]:
        with self.connection.cursor() as cursor:
            cursor.execute("SHOW server_encoding")
            (encoding,) = cursor.fetchone()
        if encoding == "UTF8":
            return []
        name = self.connection.settings_dict["NAME"]
        made_anew = f"Make it anew: createdb --encoding UTF8 --template template0 {name}"
        return [
            checks.Error(
                f"The database {name} is in {encoding}; it has to be in UTF8.", hint=made_anew, id="coach.E001"
            )
        ]


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL backend; `OPTIONS["pool"]` are the arguments of an AnsweringPool.

    Threads of `coach.database.reserved` have a second pool, so that they never wait behind the others.
    """

    validation_class = EncodingCheck
    _connection_pools: dict[str, AnsweringPool]
    _configure_connection: Callable[[Any], None]

    @property
    def pool(self) -> Any:
        if self.alias == NO_DB_ALIAS or not (options := self.settings_dict["OPTIONS"].get("pool")):
            return None
        name = self.alias
        if reserved.is_reserved():
            name, options = self._reserved_pool, options | {"max_size": reserved.CONNECTIONS}
        if name not in self._connection_pools:
            made = AnsweringPool(
                kwargs=self.get_connection_params() | {"autocommit": True},
                open=False,
                configure=self._configure_connection,
                **options,
            )
            # If several threads create one, the first wins; none is open yet.
            self._connection_pools.setdefault(name, made)
        return self._connection_pools[name]

    @property
    def _reserved_pool(self) -> str:
        return f"{self.alias} (reserved)"

    def close_pool(self) -> None:
        for name in (self.alias, self._reserved_pool):
            if pool := self._connection_pools.pop(name, None):
                pool.close()
