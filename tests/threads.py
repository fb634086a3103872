"""Work that several people do at the same moment, on a database that threads share."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Self

import pytest
from django.db import connection, connections


@pytest.fixture
def shared_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A database that several threads may use: SQLite's moves from memory into a file."""
    if connection.vendor != "sqlite":
        yield
        return
    names, in_memory = connections.settings["default"], connection.connection
    with sqlite3.connect(tmp_path / "shared.sqlite3") as target:
        in_memory.backup(target)
    before, names["NAME"] = names["NAME"], str(tmp_path / "shared.sqlite3")
    connection.connection = None
    yield
    connection.close()
    names["NAME"], connection.connection = before, in_memory


class Crowd:
    """So many threads, each with its own connection, which stay until the crowd goes."""

    def __init__(self, size: int) -> None:
        self.barrier = Barrier(size)
        self.threads = ThreadPoolExecutor(size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.together([connections.close_all] * self.barrier.parties)  # each thread its own
        self.threads.shutdown()

    def together(self, work: Sequence[Callable[[], object]]) -> list[object]:
        """Begin everything, one piece a thread, at the same moment; see `together`."""
        return list(self.threads.map(self._run, work))

    def _run(self, each: Callable[[], object]) -> object:
        self.barrier.wait()
        try:
            return each()
        except Exception as error:
            return error


def together(work: Sequence[Callable[[], object]]) -> list[object]:
    """Begin everything at the same moment; what each returned, or the error it raised."""
    with Crowd(len(work)) as crowd:
        return crowd.together(work)
