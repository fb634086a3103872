"""Both seeds' campaigns from the page that makes them to their archive, by the clock."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaign.choices import ActivityKind, Blueprint, StageKind
from campaign.models import Campaign, Stage
from campaign.schedule import windows_from
from campaign.tasks import look_at_stages
from core.models import Job
from issues.models import Issue
from organisation.models import User
from tests.campaign.archiving import worked_off
from tests.personas import World

NAME = "来年的行动"
PEOPLE_OF_THE_UNIT = ("cadre", "colleague", "liaison", "head", "deputy")


class Life:
    """A campaign made from the page; ``at`` moves the clock, and everybody signs in anew."""

    def __init__(self, world: World, patch: pytest.MonkeyPatch, blueprint: Blueprint) -> None:
        self.world, self.patch = world, patch
        self.start = world.today + timedelta(days=1)
        windows = windows_from(self.start, dict.fromkeys(StageKind, 20))
        data = {"name": NAME, "area": str(world.city.pk), "organiser": "领导小组办公室"}
        for kind, window in windows.items():
            data |= {f"{kind}_from": str(window.start), f"{kind}_to": str(window.end)}
        answer = self.client(world.city_office).post(f"/campaign/new/{blueprint}/", data)
        self.campaign = Campaign.objects.get(name=NAME)
        assert answer["Location"] == self.page == f"/campaign/{self.campaign.pk}/"

    @property
    def page(self) -> str:
        return f"/campaign/{self.campaign.pk}/"

    def client(self, person: User) -> Client:
        return self.world.client(User.objects.get(pk=person.pk))  # rights as of today

    def at(self, day: date) -> None:
        noon = timezone.make_aware(datetime.combine(day, time(12)))
        self.patch.setattr("django.utils.timezone.now", lambda: noon)

    def post(self, person: User, address: str, **data: object) -> None:
        answer = self.client(person).post(address, data)
        assert answer.status_code == 302, answer.text

    def live(self, stage: Stage) -> None:
        """What people do in each stage."""
        world, unit = self.world, f"{self.page}units/{self.world.unit.pk}/"
        if stage.kind == StageKind.MOBILISATION:
            for kind in (ActivityKind.MOBILISATION, ActivityKind.STUDY, ActivityKind.WARNING):
                self.post(
                    world.head, f"{unit}activities/new/",
                    kind=kind.value, held_on=timezone.localdate(), heads=30, summary="大会",
                )  # fmt: skip
        elif stage.kind == StageKind.SELF_EXAMINATION:
            for name in PEOPLE_OF_THE_UNIT:
                self.write_problem(getattr(world, name))
        elif stage.kind == StageKind.SUMMARY:
            self.post(
                world.head, f"{unit}institutions/new/",
                name="首问负责制", issued_on=timezone.localdate(),
            )  # fmt: skip

    def write_problem(self, person: User) -> None:
        page = self.client(person).get("/issues/new/")
        category = page.context["form"].categories.first()
        day = timezone.localdate()
        text = self.world.text(happened_on=day, due_on=self.campaign.ends_on)
        self.post(person, "/issues/new/", category=category.pk, submit="1", **text)

    def end(self, stage: Stage) -> None:
        """By the clock if the gate holds, else by name."""
        look_at_stages()
        stage.refresh_from_db()
        if not stage.ended_at:
            address = f"{self.page}stages/{stage.kind}/end/"
            self.post(self.world.city_office, address, reason="其余单位限期补办")


@pytest.mark.parametrize("blueprint", [Blueprint.THREE_VISITS, Blueprint.YAMEN])
def test_a_campaign_lives_through_its_stages_and_is_archived(
    world: World, monkeypatch: pytest.MonkeyPatch, blueprint: Blueprint
) -> None:
    life = Life(world, monkeypatch, blueprint)
    for stage in life.campaign.stages.all():
        life.at(stage.starts_on + timedelta(days=3))
        assert stage.get_kind_display() in life.client(world.cadre).get("/campaign/").text
        life.live(stage)
        life.at(stage.ends_on + timedelta(days=1))
        life.end(stage)
    assert life.campaign.stages.filter(ended_at=None).count() == 0
    assert Issue.objects.filter(campaign=life.campaign, state="submitted").count() == 5
    before = life.client(world.city_leader).get(life.page).context["found"]
    tasks = sum(stage.done for stage in before.stages), sum(len(s.tasks) for s in before.stages)

    assert "归档" in life.client(world.city_office).get(life.page).text
    life.post(world.city_office, f"{life.page}archive/", name=NAME)
    job = worked_off(Job.objects.get(kind="campaign.archive"))
    assert (job.state, job.message) == (Job.State.DONE, "")

    page = life.client(world.city_leader).get(life.page)
    rows = {row[0]: tuple(row[1:3]) for table in page.context["tables"] for row in table.rows}
    assert rows["阶段任务"] == tasks
    assert rows["学习教育活动"] == (3,)
    assert rows["　待单位审核"] == (5,)
    assert not Issue.objects.filter(campaign=life.campaign).exists()
    assert "已归档" in life.client(world.cadre).get("/campaign/all/").text
    copied = life.client(world.city_office).get(f"{life.page}copy/")
    assert copied.context["plan"].task_count == tasks[1]
