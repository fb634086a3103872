"""A broker of a test's own, of the kind that this size of the product uses."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from celery import current_app
from django.conf import settings

OWN_NUMBER = 60  # 0 and those after it belong to others of the same test run


@contextmanager
def own_broker(folder: Path) -> Iterator[None]:
    """Messages of the block go to an empty broker, and nowhere else."""
    with pytest.MonkeyPatch.context() as patch:
        if settings.CELERY_BROKER_URL.startswith("redis"):
            address = urlsplit(settings.CELERY_BROKER_URL)._replace(path=f"/{OWN_NUMBER}")
            use(patch, urlunsplit(address))
            with current_app.connection_for_write() as connection:
                for name in current_app.amqp.queues:
                    connection.default_channel.queue_purge(name)
        else:
            names = ("data_folder_in", "data_folder_out", "control_folder")
            options = {name: str(folder / name.removesuffix("_in").removesuffix("_out"))
                       for name in names}  # fmt: skip
            for path in options.values():
                Path(path).mkdir(exist_ok=True)
            use(patch, settings.CELERY_BROKER_URL, options)
        yield


def use(patch: pytest.MonkeyPatch, address: str, options: dict[str, str] | None = None) -> None:
    """Let Celery look for its broker at this address."""
    conf = current_app.conf
    options = conf["broker_transport_options"] | (options or {})
    patch.setitem(conf, "broker_url", address)
    patch.setitem(conf, "broker_transport_options", options)


def send(task: str, times: int = 1) -> None:
    with current_app.connection_for_write() as connection:
        for _ in range(times):
            current_app.send_task(task, connection=connection, retry=False)
