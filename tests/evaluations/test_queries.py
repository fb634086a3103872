"""Results leave by one door, and only after the close."""

from decimal import Decimal

import pytest

from evaluations import queries, services
from evaluations.choices import Grade, RaterGroup
from evaluations.models import Round
from evaluations.scoring import Share
from tests.evaluations.conftest import County, cast, codes_for, group_of, rate_all

ENOUGH = {
    RaterGroup.SUPERIOR: [Grade.VERY_GOOD] * 5,
    RaterGroup.PEER: [Grade.FAIR] * 5,
    RaterGroup.SERVED: [Grade.GOOD] * 5 + [Grade.POOR] * 5 + [Grade.UNKNOWN],
}


def close(rating: Round, county: County) -> Round:
    services.close_round(rating=rating, actor=county.office)
    rating.refresh_from_db()
    return rating


def test_no_results_before_the_close(county: County, opened: Round) -> None:
    rate_all(opened, ENOUGH)
    assert queries.results(opened) is None
    assert queries.results(close(opened, county)) is not None


def test_results_of_three_groups(county: County, opened: Round) -> None:
    rate_all(opened, ENOUGH)
    result = queries.results(close(opened, county))
    assert [(group.group, group.weight, group.score) for group in result.groups] == [
        ("superior", 25, Decimal("100.00")),
        ("peer", 25, Decimal("60.00")),
        ("served", 50, Decimal("60.00")),
    ]
    assert result.composite == Decimal("70.00")
    assert result.satisfied == Share(30, 40)
    served = result.groups[2].dimensions[0]
    assert (dict(served.counts), served.unknown) == ({5: 0, 4: 5, 3: 0, 2: 5, 1: 0}, 1)


def test_a_group_below_the_minimum_takes_the_composite_with_it(
    county: County, opened: Round
) -> None:
    rate_all(opened, ENOUGH | {RaterGroup.PEER: [Grade.FAIR] * 4 + [Grade.UNKNOWN] * 9})
    result = queries.results(close(opened, county))
    assert [group.group for group in result.withheld] == ["peer"]
    assert (result.composite, result.satisfied, result.groups[1].score) == (None, None, None)
    assert result.groups[0].score == Decimal("100.00")


def test_results_of_many_rounds_cost_one_query(
    county: County, opened: Round, django_assert_num_queries: object
) -> None:
    second = services.create_round(
        campaign=county.campaign, unit=county.unit, title="第四季度评议", actor=county.office
    )
    services.open_round(rating=second, actor=county.office)
    close(opened, county), close(second, county)
    with django_assert_num_queries(1):
        found = queries.results_by_round([opened, second])
    assert set(found) == {opened.pk, second.pk}


@pytest.mark.parametrize(("used", "shown"), [(0, 0), (4, 0), (5, 5), (9, 5)])
def test_turnout_moves_in_steps_of_five(opened: Round, used: int, shown: int) -> None:
    for code in codes_for(group_of(opened), 12)[:used]:
        cast(code, Grade.GOOD)
    rows = [(row.group.group, row.printed, row.used_about) for row in queries.turnout(opened)]
    assert rows == [("superior", 0, 0), ("peer", 0, 0), ("served", 12, shown)]


def test_ratable_units_lie_in_the_offices_county(county: County) -> None:
    assert list(queries.ratable_units(county.office)) == [county.unit]
    assert list(queries.ratable_units(county.elsewhere)) == []
    assert list(queries.ratable_units(county.leader)) == []
