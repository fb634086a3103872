"""Tables as data: shares, order, headings, text."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exports.table import Column, Kind, Table, share, text_of

COLUMNS = [
    Column("区域", key="name"),
    Column("应访", Kind.NUMBER, group="企业", key="n"),
    Column("覆盖率", Kind.PERCENT, group="企业", key="share"),
]
TABLE = Table(
    "表",
    COLUMNS,
    [("乙", 10, 0.5), ("甲", 2000, None), ("丙", 300, 0.999)],
    total=("合计", 2310, 0.1),
    links=["/b", "/a", "/c"],
)


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 0, "—"), (0, 7, "0.0%"), (2, 3, "66.6%"), (9999, 10000, "99.9%"), (7, 7, "100.0%")],
)
def test_a_share_is_cut_so_that_all_means_all(part: int, whole: int, shown: str) -> None:
    assert text_of(share(part, whole), Kind.PERCENT) == shown


@given(whole=st.integers(1, 10**9), data=st.data())
def test_only_the_whole_is_a_hundred_percent(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    shown = text_of(share(part, whole), Kind.PERCENT)
    assert (shown == "100.0%") == (part == whole)
    assert float(shown[:-1]) <= part * 100 / whole + 1e-9


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        ("文", Kind.TEXT, "文"),
        ("", Kind.TEXT, "—"),
        (None, Kind.NUMBER, "—"),
        (0, Kind.NUMBER, "0"),
        (1234567, Kind.NUMBER, "1,234,567"),
        (date(2026, 1, 5), Kind.DATE, "2026-01-05"),
    ],
)
def test_values_become_text(value: object, kind: Kind, shown: str) -> None:
    assert text_of(value, kind) == shown


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("n", ["乙", "丙", "甲"]),
        ("-n", ["甲", "丙", "乙"]),
        ("share", ["乙", "丙", "甲"]),
        ("-share", ["丙", "乙", "甲"]),  # what has no value stays last either way
        ("other", ["乙", "甲", "丙"]),
        ("", ["乙", "甲", "丙"]),
    ],
)
def test_sorting_keeps_links_and_total(sort: str, names: list[str]) -> None:
    table = TABLE.sorted_by(sort)
    rows = list(table.shown_rows())
    assert [row[0].text for row in rows] == names
    assert [row[0].link for row in rows] == [{"乙": "/b", "甲": "/a", "丙": "/c"}[n] for n in names]
    assert [cell.text for cell in table.shown_total()] == ["合计", "2,310", "10.0%"]


def test_headings_stand_in_two_rows_under_their_groups() -> None:
    upper, lower = TABLE.sorted_by("-n").headings()
    assert [(h.title, h.columns, h.rows) for h in upper] == [("区域", 1, 2), ("企业", 2, 1)]
    assert [(h.title, h.sort, h.sorted) for h in lower] == [
        ("应访", "n", "descending"),
        ("覆盖率", "-share", ""),
    ]
    plain = Table("表", [Column("甲"), Column("乙")], [])
    assert [[h.title for h in row] for row in plain.headings()] == [["甲", "乙"]]
