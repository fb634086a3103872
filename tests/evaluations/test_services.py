"""Writes: preparing, opening, closing; codes spent once, whoever hurries."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from evaluations import services
from evaluations.choices import Dimension, Grade, RaterGroup, RoundState
from evaluations.models import Code, Round, Tally
from evaluations.services import Refused
from tests.evaluations.conftest import County, cast, codes_for, group_of

GRADES = {Dimension.RECTIFICATION: Grade.GOOD, Dimension.STYLE: Grade.POOR}


def votes() -> int:
    """Ballots counted so far: every ballot adds one to each dimension."""
    total = Tally.objects.aggregate(total=Sum("count"))["total"]
    assert total % len(Dimension) == 0
    return total // len(Dimension)


def test_create_round_has_three_groups_and_all_counters_at_zero(draft: Round) -> None:
    assert {row.group: row.weight for row in draft.groups.all()} == {
        "superior": 25, "peer": 25, "served": 50,
    }  # fmt: skip
    assert Tally.objects.filter(count=0).count() == 3 * 2 * 6
    assert (draft.state, draft.minimum) == (RoundState.DRAFT, 5)


@pytest.mark.parametrize("minimum", [0, 4])
def test_create_round_refuses_a_minimum_that_shows_persons(county: County, minimum: int) -> None:
    with pytest.raises(ValidationError, match="最少份数不能小于 5"):
        services.create_round(
            campaign=county.campaign, unit=county.unit, title="甲", actor=county.office,
            minimum=minimum,
        )  # fmt: skip


def test_create_round_refuses_the_same_title_again(county: County, draft: Round) -> None:
    with pytest.raises(ValidationError, match="同名"):
        services.create_round(
            campaign=county.campaign, unit=county.unit, title=draft.title, actor=county.office
        )


def test_create_round_refuses_weights_that_do_not_put_the_served_first(county: County) -> None:
    weights = {RaterGroup.SUPERIOR: 40, RaterGroup.PEER: 20, RaterGroup.SERVED: 40}
    with pytest.raises(ValidationError, match="服务对象的权重必须最大"):
        services.create_round(
            campaign=county.campaign, unit=county.unit, title="甲", actor=county.office,
            weights=weights,
        )  # fmt: skip
    assert not Round.objects.exists()


def test_weights_and_minimum_stand_from_the_opening(county: County, draft: Round) -> None:
    weights = {RaterGroup.SUPERIOR: 20, RaterGroup.PEER: 20, RaterGroup.SERVED: 60}
    services.set_groups(rating=draft, weights=weights, minimum=8, actor=county.office)
    services.open_round(rating=draft, actor=county.office)
    with pytest.raises(Refused, match="不能再改"):
        services.set_groups(
            rating=draft, weights=services.DEFAULT_WEIGHTS, minimum=5, actor=county.office
        )
    assert {row.group: row.weight for row in draft.groups.all()} == {
        "superior": 20, "peer": 20, "served": 60,
    }  # fmt: skip
    assert Round.objects.get(pk=draft.pk).minimum == 8


def test_a_round_opens_once_and_closes_once(county: County, draft: Round) -> None:
    with pytest.raises(Refused):
        services.close_round(rating=draft, actor=county.office)
    services.open_round(rating=draft, actor=county.office)
    with pytest.raises(Refused):
        services.open_round(rating=draft, actor=county.office)
    services.close_round(rating=draft, actor=county.office)
    with pytest.raises(Refused):
        services.close_round(rating=draft, actor=county.office)
    with pytest.raises(Refused):
        services.open_round(rating=draft, actor=county.office)
    acts = AuditEntry.objects.filter(act__startswith="evaluations.").order_by("id")
    assert list(acts.values_list("act", flat=True)) == [
        "evaluations.create", "evaluations.open", "evaluations.close",
    ]  # fmt: skip


def test_cast_ballot_counts_each_dimension(opened: Round) -> None:
    codes = codes_for(group_of(opened), 2)
    services.cast_ballot(typed=codes[0], grades=GRADES)
    counted = Tally.objects.filter(count__gt=0).order_by("dimension")
    assert list(counted.values_list("round_group__group", "dimension", "grade", "count")) == [
        ("served", "rectification", 4, 1),
        ("served", "style", 2, 1),
    ]
    assert list(Code.objects.filter(used=True).values_list("hash", flat=True)) == [
        services.code_hash(codes[0])
    ]


def test_cast_ballot_takes_what_people_type(opened: Round) -> None:
    services.add_codes(
        group=group_of(opened),
        batch="00000000-0000-0000-0000-000000000009",
        codes=["10AB" * 6 + "CD"],
    )
    services.cast_ballot(typed=" loab-IOab ioAB–l0ab_ioab ioab cd\n", grades=GRADES)
    assert votes() == 1


def test_a_code_counts_once(opened: Round) -> None:
    (code,) = codes_for(group_of(opened), 1)
    cast(code, Grade.GOOD)
    for _ in range(3):
        with pytest.raises(Refused, match="已经用过"):
            cast(code, Grade.VERY_POOR)
    assert votes() == 1


def test_unknown_early_and_late_codes_count_nothing(county: County, draft: Round) -> None:
    (code,) = codes_for(group_of(draft), 1)
    with pytest.raises(Refused, match="没有这个评议码"):
        cast("Z" * 26, Grade.GOOD)
    with pytest.raises(Refused, match="还没有开始"):
        cast(code, Grade.GOOD)
    services.open_round(rating=draft, actor=county.office)
    services.close_round(rating=draft, actor=county.office)
    with pytest.raises(Refused, match="已经结束"):
        cast(code, Grade.GOOD)
    assert votes() == 0
    assert not Code.objects.filter(used=True).exists()


def test_every_refusal_costs_the_same_look_up(
    county: County, opened: Round, django_assert_num_queries: object
) -> None:
    used, fresh = codes_for(group_of(opened), 2)
    cast(used, Grade.GOOD)
    for code in (used, "Z" * 26, ""):
        with django_assert_num_queries(1), pytest.raises(Refused):
            services.usable_code(code)
    with django_assert_num_queries(1):
        services.usable_code(fresh)
    services.close_round(rating=opened, actor=county.office)
    with django_assert_num_queries(1), pytest.raises(Refused):
        services.usable_code(fresh)


def test_codes_are_random_long_and_typed_without_doubt() -> None:
    codes = services.new_codes(500)
    assert len(set(codes)) == 500
    assert {len(code) for code in codes} == {26}
    assert len(services.ALPHABET) == 32  # 26 times 5 bits
    assert set("".join(codes)) <= set(services.ALPHABET)
    assert not set(services.ALPHABET) & set("ILOU")
    assert [services.tidy(code) for code in codes] == codes


def test_codes_are_stored_as_hashes_in_the_order_of_the_hashes(opened: Round) -> None:
    """And written once more in that order at the close, whatever was used when."""
    with CaptureQueriesContext(connection) as queries:
        codes = codes_for(group_of(opened), 40)
    ordered = sorted(services.code_hash(code) for code in codes)
    assert _inserted(queries) == ordered
    for code in codes[:7]:
        cast(code, Grade.GOOD)
    with CaptureQueriesContext(connection) as queries:
        services._seal(opened)
    assert _inserted(queries) == ordered


def _inserted(queries: CaptureQueriesContext) -> list[str]:
    written = [query["sql"] for query in queries if query["sql"].startswith("INSERT")]
    return re.findall(r"\b[0-9a-f]{64}\b", "".join(written))


def test_the_close_shuffles_codes_and_keeps_them_spent(county: County, opened: Round) -> None:
    codes = codes_for(group_of(opened), 12)
    for code in codes[:5]:
        cast(code, Grade.GOOD)
    services.close_round(rating=opened, actor=county.office)
    used = {services.code_hash(code) for code in codes[:5]}
    assert set(Code.objects.filter(used=True).values_list("hash", flat=True)) == used
    assert (Code.objects.count(), votes()) == (12, 5)


def test_a_second_attempt_voids_the_codes_of_the_first(opened: Round) -> None:
    group = group_of(opened)
    codes_for(group, 3)
    codes = codes_for(group, 2)
    stored = set(Code.objects.values_list("hash", flat=True))
    assert stored == {services.code_hash(code) for code in codes}


def test_codes_of_a_closed_round_are_refused(county: County, opened: Round) -> None:
    services.close_round(rating=opened, actor=county.office)
    with pytest.raises(Refused):
        codes_for(group_of(opened), 1)
    with pytest.raises(Refused):
        services.request_codes(
            group=group_of(opened), number=1, base_url="http://x", actor=county.office
        )


def at_once(work: list[object]) -> list[object]:
    """Run each callable in a thread of its own, all starting together."""
    barrier = Barrier(len(work))

    def started(act: object) -> object:
        barrier.wait()
        try:
            return act()  # type: ignore[operator]
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as threads:
        return list(threads.map(started, work))


def test_one_code_in_many_hands_counts_once(shared_database: None, opened: Round) -> None:
    codes = codes_for(group_of(opened), 3)
    work = [lambda code=code: cast(code, Grade.GOOD) for code in codes for _ in range(4)]
    outcomes = at_once(work)
    assert sum(outcome is None for outcome in outcomes) == 3
    assert votes() == 3


def test_the_race_is_seen_when_the_condition_is_off(
    shared_database: None, opened: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: reading first and writing without a condition counts one code twice."""
    (code,) = codes_for(group_of(opened), 1)
    both_have_read = Barrier(2)

    def careless() -> None:
        found = services.usable_code(code)
        both_have_read.wait()
        Code.objects.filter(pk=found.pk).update(used=True)
        services._count(found.round_group, GRADES)

    assert at_once([careless, careless]) == [None, None]
    assert votes() == 2


def test_all_ballots_at_once_are_counted(shared_database: None, opened: Round) -> None:
    codes = codes_for(group_of(opened), 8)
    assert at_once([lambda code=code: cast(code, Grade.FAIR) for code in codes]) == [None] * 8
    assert Tally.objects.get(
        round_group=group_of(opened), dimension="style", grade=Grade.FAIR
    ).count == 8  # fmt: skip
