"""visits.appeal_rates: each with its numerator and denominator (domain §4.5)."""

import pytest

from visits.appeal_rates import Counts, rates_of

SEEN = Counts(
    raised=20, ended=12, signed_in_time=15, signed_late=3, answered_in_time=10, answered_late=4,
    called=11, uncalled_late=1, satisfied=5, basically=3, dissatisfied=2, solved=7, redone=2,
    judged=11, dispatched=19, returned=1,
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "n", "d"),
    [
        ("按时签收率", 15, 18),
        ("回退率", 1, 19),
        ("办结率", 12, 20),
        ("按时办结率", 10, 14),
        ("回访率", 11, 12),
        ("满意率", 8, 10),
        ("解决率", 7, 10),
        ("重办率", 2, 11),
    ],
)
def test_each_rate_shows_its_parts(name: str, n: int, d: int) -> None:
    (rate,) = [each for each in rates_of(SEEN) if each.name == name]
    assert (rate.n, rate.d, rate.rest) == (n, d, d - n)
    assert rate.percent == pytest.approx(n * 100 / d)


def test_nothing_to_divide_by_is_no_rate() -> None:
    assert {rate.percent for rate in rates_of(Counts())} == {None}


def test_no_rest_is_below_nothing() -> None:
    """Of rows from before the rule more may have been returned than were sent."""
    (rate,) = [each for each in rates_of(Counts(returned=2, dispatched=1)) if each.name == "回退率"]
    assert (rate.n, rate.d, rate.rest) == (2, 1, 0)
