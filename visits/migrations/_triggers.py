"""SQLite builds a table anew to alter it, loses its triggers and breaks those that read it.

``take_away`` stands before such an alteration and ``put_back`` after it, each as the other's
reverse: those of this name for visits_callback, those that ``lifted`` gives for another table.
"""


def lifted(table):
    """The two acts for the triggers of the table and for those that read it."""
    held = []

    def take_away(apps, schema_editor):
        if schema_editor.connection.vendor != "sqlite":
            return
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(HELD.format(table=table), None)
            held[:] = cursor.fetchall()
        for name, _sql in held:
            schema_editor.execute(f"DROP TRIGGER {name}")

    def put_back(apps, schema_editor):
        if schema_editor.connection.vendor != "sqlite":
            return
        for _name, sql in held:
            schema_editor.execute(sql, params=None)
        held.clear()

    return take_away, put_back


HELD = """
    SELECT name, sql FROM sqlite_master
    WHERE type = 'trigger' AND (tbl_name = '{table}' OR sql LIKE '%{table} %')
    ORDER BY name
"""
take_away, put_back = lifted("visits_callback")
