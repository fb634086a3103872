"""Uploaded tables as a stream of rows: of a million rows as of ten, memory stays the same.

``container`` judges a file before anything of it is parsed, ``excel`` and ``text`` read
.xlsx and CSV. What a row means is told by ``core.workbook``.
"""
