"""The connection pool for PostgreSQL, shared by the threads of a process."""

from time import monotonic
from typing import Any

from psycopg import Error
from psycopg_pool import ConnectionPool, PoolTimeout

# Waiting threads ask again this often, which makes the pool try to connect again.
ASK_AGAIN_SECONDS = 1.0


class AnsweringPool(ConnectionPool):
    """Hands out only connections that answer, and recovers from a server's absence or restart within a second or two.

    psycopg's own check tries one dead connection after the other, doubling the pause each time: with five of them that
    takes longer than anybody waits. Here, when one does not answer, all idle ones are dropped with it.
    """

    def getconn(self, timeout: float | None = None) -> Any:
        """Raises PoolTimeout, like psycopg's."""
        patience = self.timeout if timeout is None else timeout
        deadline = monotonic() + patience
        while (left := deadline - monotonic()) > 0:
            try:
                connection = super().getconn(min(left, ASK_AGAIN_SECONDS))
            except PoolTimeout:
                continue
            try:
                self.check_connection(connection)
            except Error:
                connection.close()
                self.putconn(connection)
                self.drain()
            else:
                return connection
        raise PoolTimeout(f"no connection to the database within {patience:g} s")
