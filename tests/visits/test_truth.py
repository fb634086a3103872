"""Hints on visits: no verdict, no effect on any number; call-backs drawn by a public seed."""

import uuid
from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import AuditEntry
from organisation.models import User
from tests.personas import World
from visits import rules, services, truth
from visits.appeal_way import Refused
from visits.choices import CheckResult, FlagKind, Outcome, TeamSource, Way
from visits.entry import text_key
from visits.models import (
    CoverageCount,
    Target,
    TruthCheck,
    TruthDraw,
    TruthFlag,
    TruthLook,
    Visit,
    VisitVersion,
)
from visits.services import truth as services_truth
from visits.services import truth_draws
from visits.truth import Seen, common_path, crowded, night_of, overlapping

PAGE = "/visits/truth/"


@pytest.fixture
def clean(world: World) -> World:
    Target.objects.all().delete()
    return world


def visit(world: World, target: Target, **more: object) -> Visit:
    values = {
        "token": uuid.uuid4(),
        "author": world.cadre,
        "visited_on": world.today - timedelta(days=2),
        "way": Way.HOME,
        "outcome": Outcome.EFFECTIVE,
        "received_at": at(world, 12, days=1),
    } | more
    return services.record_visit(target=target, **values)


def several(world: World, number: int, **more: object) -> list[Visit]:
    return [visit(world, home, **more) for home in world.households(number)]


def at(world: World, hour: int, minute: int = 0, days: int = 2) -> datetime:
    day = world.today - timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def flags() -> dict[str, int]:
    return dict(TruthFlag.objects.order_by("kind").values_list("kind", "number"))


### Arithmetic


def seen(*minutes: int | None, way: str = Way.HOME) -> list[Seen]:
    day = date(2026, 3, 2)
    return [
        Seen(n, day, None if m is None else time(8 + m // 60, m % 60), way)
        for n, m in enumerate(minutes)
    ]


def test_visits_overlap_when_they_begin_too_close() -> None:
    assert overlapping(seen(0, 4, 30)) == {0, 1}
    assert overlapping(seen(0, 5, 30)) == set()
    assert overlapping(seen(0, None, 0)) == {0, 2}
    assert overlapping(seen(0, 0, 0, way=Way.MEETING)) == set()


def test_an_hour_and_a_day_hold_only_so_many() -> None:
    hour = truth.MOST_AN_HOUR
    assert crowded(seen(*range(0, 5 * hour, 5))) == set()
    assert crowded(seen(*range(0, 4 * hour + 4, 4))) == set(range(hour + 1))
    assert crowded(seen(*[None] * truth.MOST_A_DAY)) == set()
    assert len(crowded(seen(*[None] * (truth.MOST_A_DAY + 1)))) == truth.MOST_A_DAY + 1
    assert crowded(seen(*[None] * 200, way=Way.MEETING)) == set()


@pytest.mark.parametrize(
    ("clock", "nights"), [("21:59", None), ("22:00", 0), ("05:59", -1), ("06:00", None)]
)
def test_the_night_belongs_to_its_evening(clock: str, nights: int | None) -> None:
    day = date(2026, 3, 2)
    moment = datetime.combine(day, time.fromisoformat(clock))
    expected = None if nights is None else day + timedelta(days=nights)
    assert night_of(moment) == expected


def test_the_same_words_have_the_same_key() -> None:
    words = "路灯坏了两盏，村里在修。"
    same = ("路灯坏了两盏 村里在修!!", "路灯坏了 两盏,村里在修", " 路灯坏了两盏，村里在修。\n ")
    assert text_key(words) is None  # too short to tell anything
    long = words + "家里老人身体还好"
    assert {text_key(each + "家里老人身体还好") for each in same} == {text_key(long)}
    assert text_key(long + "吗") != text_key(long)
    assert text_key("Ａｂｃdef１２３ghi456") == text_key("abcDEF123GHI456")


def test_the_smallest_area_that_holds_them_all() -> None:
    assert common_path(["/1/2/3/", "/1/2/4/"]) == "/1/2/"
    assert common_path(["/1/2/3/"]) == "/1/2/3/"
    assert common_path(["/1/", "/2/"]) == ""


### The look


def test_each_kind_is_found_once_however_often_it_looks(clean: World) -> None:
    homes = clean.households(4)
    visit(clean, homes[0], began=time(9))
    visit(clean, homes[1], began=time(9, 2))
    for home in homes[2:]:
        visit(clean, home, heard="家里老人身体还好，路灯坏了两盏，盼着早点修好。")
    several(clean, truth.MANY_AT_NIGHT, received_at=at(clean, 23))
    for _ in range(3):
        services.look_at_visits()
        assert flags() == {"night": 10, "overlap": 2, "same_text": 2}
    links = TruthFlag.visits.through.objects.count()
    assert links == 14
    look = TruthLook.objects.get()
    assert look.last_visit == Visit.objects.latest("pk").pk


def test_what_comes_later_joins_the_hint(clean: World) -> None:
    homes = clean.households(3)
    visit(clean, homes[0], began=time(9))
    visit(clean, homes[1], began=time(9, 2))
    services.look_at_visits()
    visit(clean, homes[2], began=time(9, 1))
    services.look_at_visits()
    assert flags() == {"overlap": 3}
    assert TruthFlag.objects.get().visits.count() == 3


def test_only_new_visits_are_looked_at(clean: World) -> None:
    several(clean, 5)
    services.look_at_visits()
    with CaptureQueriesContext(connection) as queries:
        services.look_at_visits()
    assert not any("visits_truthflag" in query["sql"] for query in queries)


def test_a_night_that_goes_on_waits_for_its_end(clean: World) -> None:
    now = at(clean, 5, days=0)
    several(clean, truth.MANY_AT_NIGHT, received_at=at(clean, 23, days=1))
    assert services.look_at_visits(now=now) == 0
    assert services.look_at_visits(now=at(clean, 7, days=0)) == 1
    assert flags() == {"night": 10}


def test_one_less_at_night_is_nothing(clean: World) -> None:
    several(clean, truth.MANY_AT_NIGHT - 1, received_at=at(clean, 23))
    several(clean, 5, received_at=at(clean, 14))
    services.look_at_visits()
    assert flags() == {}


def test_who_enters_for_others_at_night_is_one_person(clean: World) -> None:
    half = truth.MANY_AT_NIGHT // 2
    several(clean, half, received_at=at(clean, 23))
    for each in several(clean, half, received_at=at(clean, 23)):
        Visit.objects.filter(pk=each.pk).update(author=clean.colleague, entered_by=clean.cadre)
    services.look_at_visits()
    assert flags() == {"night": 2 * half}


def test_other_people_and_other_targets_are_no_likeness(clean: World) -> None:
    first, second = clean.households(2)
    words = "家里老人身体还好，路灯坏了两盏，盼着早点修好。"
    visit(clean, first, heard=words)
    visit(clean, first, heard=words, began=time(15))
    other = visit(clean, second, heard=words)
    Visit.objects.filter(pk=other.pk).update(author=clean.colleague)
    services.look_at_visits()
    assert "same_text" not in flags()


def test_a_correction_changes_the_key(clean: World) -> None:
    (home,) = clean.households(1)
    made = visit(clean, home, heard="家里老人身体还好，路灯坏了两盏，盼着早点修好。")
    services.correct_visit(
        visit=made,
        actor=clean.cadre,
        seen_version=1,
        reason="写错了",
        visited_on=made.visited_on,
        way=Way.HOME,
        outcome=Outcome.EFFECTIVE,
        heard="没有",
    )
    made.refresh_from_db()
    assert made.text_key is None


def test_a_batch_takes_few_statements(clean: World, monkeypatch: pytest.MonkeyPatch) -> None:
    several(clean, 60, heard="家里老人身体还好，路灯坏了两盏，盼着早点修好。", began=time(9))
    with CaptureQueriesContext(connection) as queries:
        services.look_at_visits()
    assert flags() == {"crowded": 60, "overlap": 60, "same_text": 60}
    assert len(queries) < 40
    TruthFlag.visits.through.objects.all().delete()
    TruthFlag.objects.all().delete()
    TruthLook.objects.all().delete()
    monkeypatch.setattr(services_truth, "VISITS_AT_ONCE", 7)
    services.look_at_visits()
    assert flags() == {"crowded": 60, "overlap": 60, "same_text": 60}


WORDS = "家里老人身体还好，路灯坏了两盏，盼着早点修好，别的没有了。"


def at_once(world: World, number: int, minutes: float = 2, **more: object) -> list[Visit]:
    """Entered one after the other on their own day, from nine on."""
    return [
        visit(
            world,
            home,
            received_at=at(world, 9) + timedelta(minutes=minutes * n),
            **more,
        )
        for n, home in enumerate(world.households(number))
    ]


def test_without_an_hour_the_times_of_entry_are_looked_at(clean: World) -> None:
    at_once(clean, truth.MOST_ENTERED_AN_HOUR)
    services.look_at_visits()
    assert flags() == {}
    several(clean, 1, received_at=at(clean, 9, 45))
    services.look_at_visits()
    assert flags() == {"crowded": truth.MOST_ENTERED_AN_HOUR + 1}


def test_what_came_from_a_sheet_or_another_day_has_no_hour(clean: World) -> None:
    number = truth.MOST_ENTERED_AN_HOUR + 5
    at_once(clean, number, minutes=0)  # one sheet
    at_once(clean, number, visited_on=clean.today - timedelta(days=3))
    at_once(clean, number, way=Way.MEETING, visited_on=clean.today - timedelta(days=4))
    for each in at_once(clean, number, visited_on=clean.today - timedelta(days=5)):
        Visit.objects.filter(pk=each.pk).update(author=clean.colleague, entered_by=clean.cadre)
    services.look_at_visits()
    assert flags() == {}


def test_who_tells_the_hours_is_taken_at_the_word(clean: World) -> None:
    for n, each in enumerate(at_once(clean, truth.MOST_ENTERED_AN_HOUR + 5)):
        began = time(8 + n // 3, n % 3 * 20)
        Visit.objects.filter(pk=each.pk).update(began=began)
    services.look_at_visits()
    assert flags() == {}


def by(person: User, made: Visit) -> Visit:
    Visit.objects.filter(pk=made.pk).update(author=person)
    return made


@pytest.mark.parametrize(
    ("name", "words", "found"),
    [
        ("colleague", WORDS, {"team_text": 2}),
        ("deputy", WORDS, {"team_text": 2}),
        ("far_cadre", WORDS, {}),
        ("colleague", "家庭情况稳定，暂无困难诉求。", {}),
        ("colleague", "无", {}),
    ],
)
def test_the_same_words_of_several_people(
    clean: World, name: str, words: str, found: dict[str, int]
) -> None:
    """Of one team or one unit; a stock phrase tells nothing of them."""
    User.objects.filter(pk=clean.colleague.pk).update(unit=clean.other_unit)
    clean.team.members.add(clean.colleague)
    others = {
        "colleague": clean.colleague,
        "deputy": clean.deputy,
        "far_cadre": clean.stranger_office,
    }
    first, second = clean.households(2)
    visit(clean, first, heard=words)
    services.look_at_visits()
    by(others[name], visit(clean, second, heard=words))
    services.look_at_visits()
    assert flags() == found


def test_several_who_were_there_together_are_no_likeness(clean: World) -> None:
    first, second = clean.households(2)
    clean.team.members.add(clean.colleague)
    visit(clean, first, heard=WORDS)
    visit(clean, first, heard=WORDS, author=clean.colleague)
    services.look_at_visits()
    assert flags() == {}
    meeting = WORDS + "会上说的。"
    visit(clean, first, heard=meeting, way=Way.MEETING)
    visit(clean, second, heard=meeting, way=Way.MEETING)
    visit(clean, second, heard=meeting, way=Way.MEETING, author=clean.colleague)
    services.look_at_visits()
    assert flags() == {}
    visit(clean, second, heard=meeting)
    services.look_at_visits()
    assert flags() == {"same_text": 3, "team_text": 4}


def corrected(world: World, made: Visit, **more: object) -> None:
    values = {
        "visited_on": made.visited_on,
        "way": Way.HOME,
        "outcome": Outcome.EFFECTIVE,
        "seen_version": 1,
        "reason": "写错了",
    } | more
    services.correct_visit(visit=made, actor=world.cadre, **values)


def test_what_is_corrected_is_looked_at_again(clean: World) -> None:
    first, second = clean.households(2)
    visit(clean, first, heard=WORDS)
    made = visit(clean, second, heard="")
    services.look_at_visits()
    corrected(clean, made, heard=WORDS)
    tomorrow = timezone.now() + timedelta(days=1)
    services.look_at_visits(now=tomorrow)
    assert flags() == {"same_text": 2}
    corrected(clean, made, heard="没有", seen_version=2)  # what was seen stays
    services.look_at_visits(now=tomorrow)
    assert flags() == {"same_text": 2}
    look = TruthLook.objects.get()
    assert look.last_version == VisitVersion.objects.latest("pk").pk
    assert services.look_at_visits(now=tomorrow) == 0


def test_late_visits_have_the_larger_share_too(clean: World) -> None:
    day = clean.today - timedelta(days=20)
    several(clean, 4)
    late = several(clean, 6, visited_on=day, late_reason="山里没有信号")
    made = draw(clean, percent=20)
    assert set(made.flagged) == {each.pk for each in late}
    assert set(made.drawn) >= set(made.flagged)
    page = clean.client(clean.organisation).get(f"{PAGE}draws/{made.pk}/").text
    assert "有提示或补录的 100%" in page
    assert "补录）" in page


def test_a_hint_changes_no_number_and_no_person(clean: World) -> None:
    several(clean, truth.MANY_AT_NIGHT, received_at=at(clean, 23))
    counters = list(CoverageCount.objects.order_by("pk").values())
    targets = list(Target.objects.order_by("pk").values("state"))
    services.look_at_visits()
    made = draw(clean)
    check(clean, made.checks.first(), CheckResult.FALSE, note="没人来过")
    assert list(CoverageCount.objects.order_by("pk").values()) == counters
    assert list(Target.objects.order_by("pk").values("state")) == targets
    assert services.check_coverage(clean.campaign) == []


### The draw


def draw(world: World, actor: User | None = None, **more: object) -> TruthDraw:
    values = {
        "campaign": world.campaign,
        "area": world.county,
        "first_day": world.today - timedelta(days=30),
        "last_day": world.today,
        "percent": 100,
        "token": uuid.uuid4(),
    } | more
    return services.draw_visits(actor=actor or world.organisation, **values)


def check(
    world: World, one: TruthCheck, result: CheckResult, note: str = "", seen: int = 0, **more: User
) -> TruthCheck:
    actor = more.get("actor", world.organisation)
    return services.record_check(check=one, actor=actor, result=result, note=note, seen=seen)


def test_anybody_can_repeat_the_draw_and_flagged_ones_weigh_more(clean: World) -> None:
    several(clean, 100, received_at=at(clean, 14))
    several(clean, 20, received_at=at(clean, 23))
    services.look_at_visits()
    TruthFlag.objects.exclude(kind=FlagKind.NIGHT).delete()
    made = draw(clean, percent=10)
    assert (len(made.population), len(made.flagged)) == (100, 20)
    assert made.flagged_percent == 10 * truth_draws.FLAGGED_TIMES
    drawn = set(made.drawn)
    assert (len(drawn & set(made.population)), len(drawn & set(made.flagged))) == (10, 10)
    again = truth_draws.drawn_again(
        made.seed, made.population, 10, made.flagged, made.flagged_percent
    )
    assert again == made.drawn
    assert made.checks.count() == 20
    assert made.checks.filter(is_flagged=True).count() == 10
    entry = AuditEntry.objects.get(act="visits.draw_visits")
    assert entry.detail == {"seed": made.seed, "percent": 10, "of": 120, "drawn": 20}


def test_no_visit_is_drawn_twice_and_a_retry_draws_nothing_more(clean: World) -> None:
    several(clean, 4)
    token = uuid.uuid4()
    first = draw(clean, token=token)
    assert draw(clean, token=token) == first
    with pytest.raises(Refused, match="没有还没核实过的走访"):
        draw(clean)
    assert TruthDraw.objects.count() == 1
    with pytest.raises(PermissionDenied):
        draw(clean, token=token, actor=clean.office)


def test_only_the_organisation_department_draws_in_its_area(clean: World) -> None:
    several(clean, 2)
    for person in (clean.office, clean.city_office, clean.discipline, clean.leader, clean.cadre):
        with pytest.raises(PermissionDenied, match="由组织部"):
            draw(clean, actor=person)
    for area in (clean.other_county, clean.city):
        with pytest.raises(PermissionDenied, match="由组织部"):
            draw(clean, area=area)


def test_a_draw_of_too_many_is_refused(clean: World, monkeypatch: pytest.MonkeyPatch) -> None:
    several(clean, 4)
    monkeypatch.setattr(truth_draws, "POPULATION_AT_MOST", 3)
    with pytest.raises(Refused, match="请缩小区域或日期"):
        draw(clean)
    monkeypatch.setattr(truth_draws, "POPULATION_AT_MOST", 9)
    monkeypatch.setattr(truth_draws, "DRAWN_AT_MOST", 3)
    with pytest.raises(Refused, match="请降低比例"):
        draw(clean)
    assert not TruthDraw.objects.exists()


### The call-back


def test_a_result_is_kept_once_and_who_was_not_reached_is_asked_again(clean: World) -> None:
    several(clean, 1)
    one = draw(clean).checks.get()
    check(clean, one, CheckResult.UNREACHABLE)
    for _ in range(2):  # the retry
        check(clean, one, CheckResult.TRUE, "来过", seen=1)
    assert AuditEntry.objects.filter(act="visits.record_check").count() == 2
    with pytest.raises(Refused, match="刚刚已经有了核实结果"):
        check(clean, one, CheckResult.FALSE, "没来过", seen=1)
    with pytest.raises(Refused, match="刚刚已经有了核实结果"):
        check(clean, one, CheckResult.FALSE, "没来过", seen=2)
    one.refresh_from_db()
    assert (one.result, one.tries, one.recorded_by) == ("true", 2, clean.organisation)


def test_what_does_not_fit_says_why(clean: World) -> None:
    several(clean, 1)
    one = draw(clean).checks.get()
    with pytest.raises(Refused, match="哪里不符"):
        check(clean, one, CheckResult.FALSE, " ")


def test_never_by_the_author_his_team_or_who_entered_it(clean: World) -> None:
    made = several(clean, 1)[0]
    one = draw(clean).checks.get()
    with pytest.raises(PermissionDenied, match="由别的组织部人员核实"):
        check(clean, one, CheckResult.TRUE, actor=clean.office)
    services.create_team(
        campaign=clean.campaign,
        name="同队",
        areas=[clean.village2],
        members={TeamSource.GRID: [clean.organisation, clean.cadre]},
    )
    with pytest.raises(PermissionDenied, match="由别的组织部人员核实"):
        check(clean, one, CheckResult.TRUE)
    clean.organisation.memberships.all().delete()
    Visit.objects.filter(pk=made.pk).update(entered_by=clean.organisation)
    one = TruthCheck.objects.get()
    with pytest.raises(PermissionDenied, match="由别的组织部人员核实"):
        check(clean, one, CheckResult.TRUE)


def test_the_database_refuses_who_checks_his_own(clean: World) -> None:
    several(clean, 1)
    one = draw(clean).checks.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        TruthCheck.objects.filter(pk=one.pk).update(
            result="true", recorded_by=clean.cadre, recorded_at=timezone.now()
        )


def test_without_the_rule_the_team_would_check_itself(
    clean: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    several(clean, 1)
    one = draw(clean).checks.get()
    monkeypatch.setattr(truth_draws, "checks_visit", lambda user, check: True)
    assert check(clean, one, CheckResult.TRUE, actor=clean.colleague).result == "true"


### Pages


def test_the_page_is_for_the_organisation_department(clean: World) -> None:
    several(clean, truth.MANY_AT_NIGHT, received_at=at(clean, 23))
    services.look_at_visits()
    client = clean.client(clean.organisation)
    page = client.get(PAGE).text
    flag = TruthFlag.objects.get(kind="night")
    assert f'href="{PAGE}{flag.pk}/"' in page
    assert "提示不是结论" in page
    assert clean.cadre.name not in page
    detail = client.get(f"{PAGE}{flag.pk}/").text
    assert "提示不是结论" in detail
    assert clean.cadre.name not in detail
    assert "户主" not in detail
    for person in (clean.office, clean.leader, clean.cadre, clean.stranger_office):
        assert clean.client(person).get(PAGE).status_code == 403
    assert "真实性提示" in client.get("/visits/coverage/").text
    assert PAGE not in clean.client(clean.office).get("/visits/coverage/").text


def test_hints_of_other_areas_are_not_found(clean: World) -> None:
    flag = TruthFlag.objects.create(
        campaign=clean.campaign,
        kind="night",
        author=clean.cadre,
        about=1,
        day=clean.today,
        area=clean.other_village,
        number=1,
    )
    client = clean.client(clean.organisation)
    assert client.get(f"{PAGE}{flag.pk}/").status_code == 404
    assert f"{PAGE}{flag.pk}/" not in client.get(PAGE).text


def test_without_the_scope_they_would_be(clean: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "TRUTH_READERS", rules.COVERAGE_READERS)
    assert clean.client(clean.leader).get(PAGE).status_code == 200


def test_hints_are_narrowed_by_kind_and_township(clean: World) -> None:
    several(clean, truth.MANY_AT_NIGHT, received_at=at(clean, 23), began=time(9))
    services.look_at_visits()
    client = clean.client(clean.organisation)

    def shown(**asked: str) -> set[str]:
        return {flag.kind for flag in client.get(PAGE, asked).context["page"].rows}

    assert shown() == {"night", "overlap"}
    assert shown(kind="night") == {"night"}
    assert shown(township=clean.township.code, kind="overlap") == {"overlap"}
    assert "没有符合条件的提示" in client.get(PAGE, {"kind": "same_text"}).text


def test_a_draw_by_the_pages(clean: World) -> None:
    several(clean, 3)
    client = clean.client(clean.organisation)
    form = client.get(f"{PAGE}draws/").context["form"]
    data = {
        "area": clean.county.code,
        "first_day": str(clean.campaign.starts_on),
        "last_day": str(clean.today),
        "percent": "100",
        "token": str(form["token"].value()),
    }
    answers = {client.post(f"{PAGE}draws/", data)["Location"] for _ in range(2)}
    made = TruthDraw.objects.get()
    assert answers == {f"{PAGE}draws/{made.pk}/"}
    page = client.get(answers.pop()).text
    assert made.seed in page
    assert "重抽了一遍，结果一样" in page
    one = made.checks.first()
    address = f"{PAGE}checks/{one.pk}/"
    assert "核实结果" in client.get(address).text
    wrong = client.post(address, {"result": "false", "note": "", "seen": "0"})
    assert (wrong.status_code, "哪里不符" in wrong.text) == (422, True)
    client.post(address, {"result": "false", "note": "没人来过", "seen": "0"})
    page = client.get(f"{PAGE}draws/{made.pk}/").text
    assert "没人来过" in page
    TruthDraw.objects.update(drawn=made.drawn[:1])
    assert "这次抽取的记录被改动过" in client.get(f"{PAGE}draws/{made.pk}/").text


@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow(clean: World, number: int) -> None:
    several(clean, number)
    for n in range(number):
        TruthFlag.objects.create(
            campaign=clean.campaign,
            kind="night",
            author=clean.cadre,
            about=n,
            day=clean.today,
            area=clean.village,
            number=1,
        ).visits.set(Visit.objects.all())
    made = draw(clean)
    flag, client = TruthFlag.objects.first(), clean.client(clean.organisation)
    client.get(PAGE)
    found = []
    for address in ("", f"{flag.pk}/", "draws/", f"draws/{made.pk}/"):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{PAGE}{address}")
        found.append(len(queries))
    assert found == [9, 10, 10, 10]
