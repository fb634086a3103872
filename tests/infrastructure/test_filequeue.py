"""The folder queue: a reader never meets half a message."""

import threading
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection
from kombu.transport import filesystem

from config import filequeue

MESSAGES = 3000
BODY = {"body": "x" * 4000}


def _torn(transport: type, folder: Path) -> int:
    """How many of MESSAGES a reader beside the writer finds unreadable."""
    options = {name: str(folder) for name in ("data_folder_in", "data_folder_out")}
    options["control_folder"] = str(folder / "control")
    channel = Connection(transport=transport, transport_options=options).channel()
    writer = threading.Thread(target=lambda: [channel._put("q", BODY) for _ in range(MESSAGES)])
    writer.start()
    read = torn = 0
    while read + torn < MESSAGES:
        try:
            read += channel._get("q") == BODY
        except Empty:
            assert writer.is_alive() or any(folder.glob("*.msg")), "messages went missing"
        except ValueError:
            torn += 1
    writer.join()
    return torn


def test_a_message_appears_whole(tmp_path: Path) -> None:
    assert _torn(filequeue.Transport, tmp_path) == 0


def test_without_the_rename_a_reader_meets_torn_messages(tmp_path: Path) -> None:
    """The control-off side: kombu's own channel, opened before written."""

    class Slow(filesystem.Channel):
        def _put(self, queue: str, payload: Any, **options: Any) -> None:
            target = tmp_path / f"1_{id(payload)}.{queue}.msg"
            with target.open("w") as file:
                file.flush()
                with pytest.raises(ValueError, match="Expecting value"):
                    self._get(queue)
                file.write("{}")

    options = {name: str(tmp_path) for name in ("data_folder_in", "data_folder_out")}
    transport = type("T", (filesystem.Transport,), {"Channel": Slow})
    Connection(transport=transport, transport_options=options).channel()._put("q", BODY)
