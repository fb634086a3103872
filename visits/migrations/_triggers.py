"""SQLite builds a table anew to alter it, loses its triggers and breaks those that read it.

``take_away`` stands before such an alteration of visits_callback and ``put_back`` after it, each
as the other's reverse.
"""

HELD = """
    SELECT name, sql FROM sqlite_master
    WHERE type = 'trigger' AND (tbl_name = 'visits_callback' OR sql LIKE '%visits_callback %')
    ORDER BY name
"""
_held = []


def take_away(apps, schema_editor):
    if schema_editor.connection.vendor != "sqlite":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(HELD, None)
        _held[:] = cursor.fetchall()
    for name, _sql in _held:
        schema_editor.execute(f"DROP TRIGGER {name}")


def put_back(apps, schema_editor):
    if schema_editor.connection.vendor != "sqlite":
        return
    for _name, sql in _held:
        schema_editor.execute(sql, params=None)
    _held.clear()
