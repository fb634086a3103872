"""Celery's folder queue, with messages that appear whole.

Kombu opens a message file under its final name and writes it afterwards, so a reader in
between finds half a message and the worker ends. Here the file gets its name last.
"""

import time
import uuid
from pathlib import Path
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """A channel that writes a draft and renames it."""

    def _put(self, queue: str, payload: Any, **_options: Any) -> None:  # type: ignore[override]
        target = Path(self.data_folder_out, f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg")
        draft = target.with_suffix(".draft")
        draft.write_text(dumps(payload), encoding="utf-8")
        draft.rename(target)


class Transport(filesystem.Transport):
    """The folder queue as ``BIANFANG_REDIS_URL`` unset selects it."""

    Channel = Channel
