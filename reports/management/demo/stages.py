"""The stages so far: meetings, study, and what the offices have told."""

from datetime import timedelta
from random import Random

from campaign.choices import ActivityKind, StageKind, Watch
from campaign.models import Campaign, StageTask
from campaign.services import end_stage, record_activity, see_tasks, tell_done
from organisation.choices import Role
from organisation.models import Grant, User

MEETINGS = (
    (ActivityKind.MOBILISATION, 5, "传达上级部署，明确任务、步骤和要求"),
    (ActivityKind.STUDY, 9, "学习力戒形式主义官僚主义的重要论述"),
    (ActivityKind.WARNING, 20, "观看警示教育片，剖析身边典型案例"),
)
TEAMS_MADE = "编了民情书记服务队，包联区域已落到村居。"
ONE_LATE = "一个单位因人员调整没有按期开展专题学习，已要求补上。"


def build_stages(campaign: Campaign, random: Random) -> None:
    """All units have met, all but the last have studied; the first stage ended with that gap."""
    first = campaign.starts_on
    joined = list(campaign.participants.select_related("unit").order_by("id"))
    for number, each in enumerate(joined):
        speaker = holder(Role.UNIT_HEAD, unit=each.unit)
        last = number == len(joined) - 1
        for kind, day, summary in MEETINGS[: 1 if last else 3]:
            record_activity(
                campaign=campaign,
                unit=each.unit,
                kind=kind,
                held_on=first + timedelta(days=day),
                heads=random.randint(12, 60),
                summary=summary,
                actor=speaker,
            )
    office = holder(Role.OFFICE, area=campaign.area)
    task = StageTask.objects.get(
        stage__campaign=campaign, stage__kind=StageKind.MOBILISATION, watch=Watch.TOLD
    )
    end = campaign.stages.get(kind=StageKind.MOBILISATION).ends_on
    tell_done(task=task, actor=office, today=end, note=TEAMS_MADE)
    see_tasks(end)
    stage = campaign.stages.get(kind=StageKind.MOBILISATION)
    end_stage(stage=stage, actor=office, reason=ONE_LATE)


def holder(role: Role, **place: object) -> User:
    """Who was first given the role there."""
    return Grant.objects.filter(role=role, **place).select_related("user").order_by("id")[0].user
