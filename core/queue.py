"""The one door to Celery: a task is named, sent after commit, and given primitives only."""

import json
import logging
from typing import Any

import redis
from celery import current_app
from celery.exceptions import NotRegistered
from django.db import transaction
from kombu import Connection
from kombu.exceptions import ChannelError, OperationalError
from redis.backoff import NoBackoff
from redis.retry import Retry

__all__ = ["NotRegistered", "enqueue", "lengths", "ping"]
logger = logging.getLogger(__name__)
LOOK_SECONDS = 0.5  # a broker that needs longer to answer counts as away


def enqueue(task_name: str, **arguments: object) -> None:
    """Send the task once the running transaction has committed.

    Raises NotRegistered for an unknown name and TypeError for anything that JSON cannot
    hold. A broker that is away is logged, not raised: the row that the task is about is
    saved, and the sweep sends it again.
    """
    json.dumps(arguments)
    if task_name not in current_app.tasks:
        current_app.loader.import_default_modules()  # a web process has not read them yet
    if task_name not in current_app.tasks:
        raise NotRegistered(task_name)
    transaction.on_commit(lambda: _send(task_name, arguments))


def _send(task_name: str, arguments: dict[str, object]) -> None:
    try:
        current_app.tasks[task_name].apply_async(kwargs=arguments, retry=False)
    except (OperationalError, OSError):
        logger.exception("queue out of reach; %s waits for the sweep", task_name)


def lengths() -> dict[str, int] | None:
    """How many messages wait in each queue; None when the broker is away.

    A broker that is gone or hangs costs a second at most.
    """
    seconds = {"socket_connect_timeout": LOOK_SECONDS, "socket_timeout": LOOK_SECONDS}
    connection: Connection = current_app.connection_for_read(transport_options=seconds)
    try:
        ping(current_app.conf.broker_url, LOOK_SECONDS)
        with connection:
            return {name: _length(connection, name) for name in current_app.amqp.queues}
    except _all_errors(connection):
        return None


def _all_errors(connection: Any) -> tuple[type[Exception], ...]:
    """Whatever this kind of broker raises when it is away."""
    return (*connection.connection_errors, *connection.channel_errors, OperationalError, OSError)


def _length(connection: Any, name: str) -> int:
    """Redis has no list for an empty queue, and says that there is none."""
    try:
        return int(connection.default_channel.queue_declare(name, passive=True).message_count)
    except ChannelError:
        return 0


def ping(address: str, seconds: float) -> None:
    """Raise when a Redis at this address does not answer in time; no other broker is asked.

    Asked without Kombu, which tries again for seconds before it gives up.
    """
    if address.startswith("redis"):
        with redis.Redis.from_url(
            address,
            socket_connect_timeout=seconds,
            socket_timeout=seconds,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            client.ping()
