"""Work that several people do at the same moment, on a database that threads share."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

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


def together(work: Sequence[Callable[[], object]]) -> list[object]:
    """Begin everything at the same moment; what each returned, or the error it raised."""
    barrier = Barrier(len(work))

    def run(each: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return each()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as threads:
        return list(threads.map(run, work))
