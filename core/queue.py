"""The one door to Celery: a task is named, sent after commit, and given primitives only."""

import json
import logging

from celery import current_app
from celery.exceptions import NotRegistered
from django.db import transaction
from kombu.exceptions import OperationalError

__all__ = ["NotRegistered", "enqueue"]
logger = logging.getLogger(__name__)


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
