"""Looking back: drawn by a seed that anybody can repeat, found consolidated or relapsed."""

from contextlib import nullcontext
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from campaign.models import Campaign
from core import sampling
from core.models import AuditEntry
from issues.choices import LOOK_BACK_DAYS, Source, State
from issues.models import Draw, Issue, LookBack, SignOff
from issues.queries import content_hash, due_look_backs, shown_hash, undrawn_look_backs, waiting_for
from issues.services import draw_look_backs, make_move
from issues.workflow import NO_EVIDENCE, Refused
from tests.issues.conftest import NOTE, brought_to, people, prove, take
from tests.personas import World

SEEDS = st.text("0123456789abcdef", min_size=1, max_size=32)
KEYS = st.sets(st.integers(1, 10**9), max_size=200)


### The draw itself


@given(SEEDS, KEYS, st.integers(10, 100))
def test_a_draw_takes_its_share_rounded_up_and_always_the_same(
    seed: str, keys: set[int], percent: int
) -> None:
    drawn = sampling.draw(seed, keys, percent)
    assert len(drawn) == -(-len(keys) * percent // 100)
    assert drawn == sorted(set(drawn) & keys)
    assert sampling.draw(seed, sorted(keys, reverse=True), percent) == drawn


def test_the_draw_is_the_published_method() -> None:
    """As the page describes it to whoever wants to repeat it elsewhere."""
    ranked = sorted(range(1, 31), key=lambda key: sha256(f"ab12:{key}".encode()).hexdigest())
    assert sampling.draw("ab12", range(1, 31), 10) == sorted(ranked[:3])


def test_every_item_is_drawn_about_equally_often() -> None:
    counts = dict.fromkeys(range(1, 21), 0)
    for number in range(2000):
        for key in sampling.draw(f"{number:x}", counts, 10):
            counts[key] += 1
    assert all(140 <= count <= 260 for count in counts.values()), counts


### The signature and its look back


def test_a_sign_off_keeps_what_was_signed_and_plans_a_look_back(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    seen, files = content_hash(issue), list(issue.evidence.values_list("name", "sha256"))
    take(world, issue, "sign_off")
    signed = SignOff.objects.get()
    text = issue.versions.get()
    assert (signed.issue, signed.signer, signed.responsible) == (
        issue, world.discipline, world.cadre
    )  # fmt: skip
    assert (signed.version, signed.text_sha256, signed.content_hash) == (1, text.sha256, seen)
    assert [(each["name"], each["sha256"]) for each in signed.evidence] == files
    first, last = (world.today + timedelta(days=days) for days in LOOK_BACK_DAYS)
    assert first <= signed.look_back.due_on <= last
    assert (signed.look_back.is_drawn, signed.look_back.finding) == (False, "")


@pytest.mark.parametrize("source", Source)
def test_what_was_on_television_or_in_the_news_is_always_looked_at(
    world: World, source: Source
) -> None:
    issue = world.issue(source=source)
    brought_to(world, "sign_off", issue)
    always = source in {Source.TELEVISION, Source.OPINION}
    assert LookBack.objects.get().is_drawn is always
    assert undrawn_look_backs(world.campaign, world.discipline).exists() is not always


### Drawing


def signed_off(world: World, number: int) -> None:
    for _ in range(number):
        brought_to(world, "sign_off")


def test_a_draw_sees_each_item_once(world: World) -> None:
    signed_off(world, 3)
    made = draw_look_backs(campaign=world.campaign, percent=10, actor=world.discipline)
    assert made.population == list(LookBack.objects.order_by("pk").values_list("pk", flat=True))
    assert made.drawn == sampling.draw(made.seed, made.population, 10)
    assert list(LookBack.objects.filter(is_drawn=True).values_list("pk", flat=True)) == made.drawn
    with pytest.raises(Refused, match="没有等待抽取"):
        draw_look_backs(campaign=world.campaign, percent=10, actor=world.discipline)
    assert AuditEntry.objects.get(act="issues.draw_look_backs").detail["seed"] == made.seed


@pytest.mark.parametrize("percent", [9, 0, 101])
def test_a_draw_takes_at_least_a_tenth(world: World, percent: int) -> None:
    signed_off(world, 1)
    with pytest.raises(Refused, match="10%"):
        draw_look_backs(campaign=world.campaign, percent=percent, actor=world.discipline)
    with pytest.raises(IntegrityError, match="draw_at_least_a_tenth"), transaction.atomic():
        Draw.objects.create(
            campaign=world.campaign, drawn_by=world.discipline, seed="a", percent=percent % 10,
            population=[], drawn=[],
        )  # fmt: skip


def test_only_the_discipline_office_draws_and_in_its_reach(world: World) -> None:
    signed_off(world, 1)
    for name, who in people(world).items():
        if name != "discipline":
            with pytest.raises(PermissionDenied):
                draw_look_backs(campaign=world.campaign, percent=10, actor=who)
    elsewhere = world.person(
        "elsewhere", world.far_unit, world.discipline.grants.get().role, area=world.far_unit.area
    )
    assert not undrawn_look_backs(world.campaign, elsewhere).exists()


def test_a_draw_that_was_tampered_with_shows(world: World) -> None:
    signed_off(world, 2)
    made = draw_look_backs(campaign=world.campaign, percent=10, actor=world.discipline)
    browser = world.client(world.discipline)
    assert "重抽了一遍，结果一样" in browser.get(f"/issues/draws/{made.pk}/").text
    Draw.objects.update(drawn=[key for key in made.population if key not in made.drawn])
    assert "记录被改动过" in browser.get(f"/issues/draws/{made.pk}/").text


### What is found


def test_a_drawn_one_waits_on_its_day_and_not_before(world: World) -> None:
    issue = brought_to(world, "sign_off")
    draw_look_backs(campaign=world.campaign, percent=10, actor=world.discipline)
    due_on = LookBack.objects.get().due_on
    assert not waiting_for(world.discipline).exists()
    assert not due_look_backs(due_on - timedelta(days=1)).exists()
    world.a_month_on(issue)
    LookBack.objects.update(due_on=world.today)
    assert list(waiting_for(world.discipline)) == [issue]
    assert issue.title in world.client(world.discipline).get("/").text
    take(world, issue, "consolidate", world.discipline)
    assert not waiting_for(world.discipline).exists()


def test_found_consolidated(world: World) -> None:
    issue = world.a_month_on(brought_to(world, "sign_off"))
    take(world, issue, "consolidate", world.discipline)
    assert (issue.state, issue.signed_off_by) == (State.CONSOLIDATED, world.discipline)
    found = LookBack.objects.get()
    assert (found.finding, found.looked_by) == ("consolidated", world.discipline)


@pytest.mark.parametrize("after", [None, "consolidate"])
def test_a_relapse_reopens_the_same_item(world: World, after: str | None) -> None:
    issue = brought_to(world, "sign_off")
    number, old = issue.number, SignOff.objects.get()
    if after:
        take(world, world.a_month_on(issue), after, world.discipline)
    take(world, issue, "relapse", world.discipline)
    issue.refresh_from_db()
    assert (issue.number, issue.state, issue.relapse_count) == (number, State.RECTIFYING, 1)
    assert (issue.signed_off_by, issue.closed_at) == (None, None)
    assert issue.due_on == world.today + timedelta(days=20)
    assert SignOff.objects.get() == old  # stays
    page = world.client(world.head).get(f"/issues/{issue.pk}/").text
    assert "反弹 1 次" in page
    assert old.responsible.name in page


def test_a_relapse_is_found_after_the_campaign(world: World) -> None:
    """As most look backs are: it is put right all the same, and not for ever."""
    issue = brought_to(world, "sign_off")
    last = world.today + timedelta(days=90)
    Campaign.objects.update(starts_on=world.today - timedelta(200), ends_on=world.today)
    issue.campaign.refresh_from_db()
    for day, went in ((last + timedelta(days=1), False), (world.today, False), (last, True)):
        with nullcontext() if went else pytest.raises(Refused):
            make_move(
                issue=issue,
                name="relapse",
                actor=world.discipline,
                note=NOTE,
                due_on=day,
                seen_hash=shown_hash(issue),
            )
    assert (issue.state, issue.due_on) == (State.RECTIFYING, last)


def test_a_relapsed_item_is_signed_off_again_with_its_own_signature(world: World) -> None:
    issue = brought_to(world, "sign_off")
    take(world, issue, "relapse", world.discipline)
    prove(issue, world.cadre, shade=7)
    for name in ("apply", "unit_sign", "sign_off"):
        take(world, issue, name)
    issue.refresh_from_db()
    assert (issue.state, issue.relapse_count) == (State.CLOSED, 1)
    assert SignOff.objects.filter(issue=issue).count() == 2
    assert list(LookBack.objects.order_by("pk").values_list("finding", flat=True)) == [
        "relapsed", "",
    ]  # fmt: skip
    take(world, issue, "relapse", world.discipline)
    issue.refresh_from_db()
    assert issue.relapse_count == 2


def test_what_was_signed_already_proves_nothing_after_a_relapse(world: World) -> None:
    issue = brought_to(world, "sign_off")
    take(world, issue, "relapse", world.discipline)
    with pytest.raises(Refused) as refused:
        take(world, issue, "apply")
    assert str(refused.value) == NO_EVIDENCE
    prove(issue, world.cadre, shade=7)
    assert take(world, issue, "apply").state == State.APPLIED


@pytest.mark.parametrize("days", [None, 0, 10**4])
def test_a_relapse_needs_a_deadline_within_the_campaign(world: World, days: int | None) -> None:
    issue = brought_to(world, "sign_off")
    due_on = None if days is None else world.today + timedelta(days=days)
    with pytest.raises(Refused, match="新的整改时限"):
        make_move(
            issue=issue,
            name="relapse",
            actor=world.discipline,
            note="又收复印费",
            due_on=due_on,
            seen_hash=shown_hash(issue),
        )
    assert Issue.objects.get(pk=issue.pk).state == State.CLOSED


### The pages


def test_the_pages_show_what_is_drawn_what_is_not_and_what_was_found(world: World) -> None:
    browser = world.client(world.discipline)
    empty = browser.get("/issues/look-backs/").text
    assert "没有待看的" in empty
    assert "没有等待抽取" in empty
    signed_off(world, 2)
    assert "有 <b>2</b> 项" in browser.get("/issues/look-backs/?show=undrawn").text
    answer = browser.post("/issues/look-backs/draw/", {"percent": "50"})
    made = Draw.objects.get()
    assert answer["Location"] == f"/issues/draws/{made.pk}/"
    shown = browser.get("/issues/look-backs/").context["page"].rows
    assert [each.pk for each in shown] == made.drawn
    (drawn,) = shown
    take(world, world.a_month_on(drawn.issue), "consolidate", world.discipline)
    found = browser.get("/issues/look-backs/?show=found").context["page"].rows
    assert found == [drawn]


def test_what_is_to_be_looked_at_first_stands_first(world: World, settings: object) -> None:
    signed_off(world, 3)
    keys = [each.pk for each in LookBack.objects.order_by("pk")]
    for key, days in zip(keys, (40, -2, 9), strict=True):
        day = world.today + timedelta(days=days)
        LookBack.objects.filter(pk=key).update(due_on=day, is_drawn=True)
    settings.PAGE_SIZE = 2  # type: ignore[attr-defined]
    browser = world.client(world.discipline)
    first = browser.get("/issues/look-backs/")
    assert [each.pk for each in first.context["page"].rows] == [keys[1], keys[2]]
    assert f"该看了 · {world.today - timedelta(days=2)} 起" in first.text
    assert f"{world.today + timedelta(days=9)} 起回头看" in first.text
    second = browser.get(f"/issues/look-backs/{first.context['page'].following}")
    assert [each.pk for each in second.context["page"].rows] == [keys[0]]


@pytest.mark.parametrize("percent", ["", "9", "x", "1000"])
def test_a_share_out_of_bounds_is_said_at_the_field(world: World, percent: str) -> None:
    signed_off(world, 1)
    answer = world.client(world.discipline).post("/issues/look-backs/draw/", {"percent": percent})
    assert answer.status_code == 422
    assert answer.context["form"].errors["percent"]
    assert not Draw.objects.exists()


def test_that_it_has_lasted_is_not_found_within_the_month(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = brought_to(world, "sign_off")
    month = timezone.now() - timedelta(days=29)
    Issue.objects.filter(pk=issue.pk).update(closed_at=month)
    issue.refresh_from_db()
    shown = world.client(world.discipline).get(f"/issues/{issue.pk}/")
    assert [move.name for move in shown.context["moves"]] == ["relapse"]
    assert f"从 {world.today + timedelta(days=1):%Y-%m-%d}" in shown.text
    with pytest.raises(Refused, match="满一个月"):
        take(world, issue, "consolidate", world.discipline)
    monkeypatch.setattr("issues.services.items.is_early", lambda move, issue: False)  # control
    take(world, issue, "consolidate", world.discipline)
    assert issue.state == State.CONSOLIDATED


def test_of_a_closed_item_nothing_is_open_to_be_filled_in(world: World) -> None:
    """A relapse is found seldom: its form is behind its button, though it is the only step."""
    issue = brought_to(world, "sign_off")
    page = world.client(world.discipline).get(f"/issues/{issue.pk}/").text
    form = page.split('id="moves"')[1].split("</section>")[0]
    assert "<details>" in form
    assert '<summary class="btn">回头看：反弹…</summary>' in form
