"""Whether the database and the queue answer, asked before anything is started."""

import redis
from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, connection

from core import queue

REDIS_SECONDS = 3


def refuse_unreachable_database() -> None:
    """Raise CommandError, naming the variable, when no connection can be made."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise CommandError(_sentence("BIANFANG_DATABASE_URL", "数据库", error)) from error


def refuse_unreachable_redis() -> None:
    """Raise CommandError, naming the variable, when a Redis is set and does not answer."""
    try:
        queue.ping(settings.CELERY_BROKER_URL, REDIS_SECONDS)
    except (redis.RedisError, OSError, ValueError) as error:
        raise CommandError(_sentence("BIANFANG_REDIS_URL", " Redis", error)) from error


def _sentence(variable: str, what: str, error: Exception) -> str:
    """One line; the value stays out of it, it may hold a password."""
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    return f"{variable}：连不上{what}，请检查地址并确认它已启动（{reason}）"
