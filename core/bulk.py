"""Many rows at once, without an object for each."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def insert_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Any]) -> None:
    """Insert tuples of database values for these fields, all of those without a default.

    The constraints of the table hold; nothing else of the model runs. By COPY where the
    database has it. Raises IntegrityError.
    """
    columns = [connection.ops.quote_name(_column(model, name)) for name in names]
    quoted = ", ".join(columns)
    into = f"{connection.ops.quote_name(model._meta.db_table)} ({quoted})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            statement = f"INSERT INTO {into} VALUES ({marks})"  # noqa: S608 -- names of a model
            cursor.executemany(statement, list(rows))


def _column(model: type[models.Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    return str(field.column)
