"""The module in which Django looks for a backend."""

from collections.abc import Callable
from typing import Any

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base

from coach.database.pool import AnsweringPool


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL backend; `OPTIONS["pool"]` are the arguments of an AnsweringPool."""

    _connection_pools: dict[str, AnsweringPool]
    _configure_connection: Callable[[Any], None]

    @property
    def pool(self) -> Any:
        if self.alias == NO_DB_ALIAS or not (options := self.settings_dict["OPTIONS"].get("pool")):
            return None
        if self.alias not in self._connection_pools:
            made = AnsweringPool(
                kwargs=self.get_connection_params() | {"autocommit": True},
                open=False,
                configure=self._configure_connection,
                **options,
            )
            # Of several threads that make one the first wins; none is open yet.
            self._connection_pools.setdefault(self.alias, made)
        return self._connection_pools[self.alias]
