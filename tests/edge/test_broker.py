"""A worker that lost Redis can close the old connection, so that it opens a new one."""

from pathlib import Path

from kombu import Connection, Consumer, Queue

from coach.broker import Transport
from coach.celery import app
from tests import valkey


def test_a_connection_closes_when_redis_is_gone_with_jobs_under_way(tmp_path: Path) -> None:
    path = tmp_path / "redis.sock"
    server = valkey.on_socket(path, data_dir=str(tmp_path / "data"))
    server.start()
    connection = app.connection_for_read(f"redis+socket://{path}")
    try:
        taken = listening(connection, "live")
        connection.Producer().publish({}, routing_key="live")
        connection.drain_events(timeout=10)
        assert len(taken) == 1
        listening(connection, "coach")
        waits_for_a_message(connection)
    finally:
        assert server._process
        server._process.kill()
        server._process.wait()
    # Celery closes a lost connection like this before it opens a new one.
    connection.collect(socket_timeout=1)
    connection.close()
    assert not connection.connected


def listening(connection: Connection, queue: str) -> list[object]:
    """Consume from a queue on a separate channel, without acknowledging messages."""
    taken: list[object] = []
    consumer = Consumer(connection.channel(), [Queue(queue)], callbacks=[lambda _, message: taken.append(message)])
    consumer.consume()
    return taken


def waits_for_a_message(connection: Connection) -> None:
    try:
        connection.drain_events(timeout=0.1)
    except TimeoutError:
        return
    raise AssertionError("a message came although none was sent")


def test_celery_uses_this_transport() -> None:
    assert isinstance(app.connection_for_read().transport, Transport)
