"""Stops the process where ``STOP_AT`` says, and leaves a file that tells so."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings

HELD = "held"  # the file that tells of it
CARELESS = "careless"  # what has been inserted so far is there for good: the control


class KilledConfig(AppConfig):
    name = "tests.killed"

    def ready(self) -> None:
        point = os.environ.get("STOP_AT", "")
        if point:
            _stop_at(point)


def _stop_at(point: str) -> None:
    """After the first 900 rows: of the check, of the sealing, of the insert."""
    from visits.services import reading, register

    if point == "check":
        reading.Reading._compared = _then_held(reading.Reading._compared)  # type: ignore[method-assign]
    elif point == "sealing":
        reading.Prepared.keep = _then_held(reading.Prepared.keep)  # type: ignore[method-assign]
    else:
        register.insert_rows = _then_held(register.insert_rows, commits=point == CARELESS)


def _then_held(real: Callable[..., Any], *, commits: bool = False) -> Callable[..., Any]:
    def held(*arguments: Any) -> Any:
        real(*arguments)
        if commits:
            from django.db import connection

            connection.connection.execute("COMMIT")
        (Path(settings.VAR_DIR) / HELD).touch()
        time.sleep(600)

    return held
