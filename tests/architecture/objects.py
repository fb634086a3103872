"""What the addresses of the table in routes.py are about: one object for each of its names."""

import io
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from campaign.choices import ActivityKind, StageKind
from campaign.models import Activity, Campaign, Institution, StageTask, TaskDone
from campaign.services import record_activity, record_institution, tell_done
from core import jobs, notices
from core.choices import Addressee, ChannelKind
from core.choices import Way as By
from core.files import CheckedFile, check_upload
from core.jobs import request_job
from core.models import Channel, Digest, Job, Notice, Reminder
from core.notices import Message, channels
from evaluations.choices import RaterGroup
from evaluations.services import close_round, create_round, open_round
from issues.choices import Pace, State
from issues.models import (
    EXAMPLE_TEXT,
    Autosave,
    Draw,
    Extension,
    Issue,
    Milestone,
    SavedView,
    SignOff,
    SupervisionSlip,
)
from issues.queries import Criteria, shown_hash
from issues.queries.lists import fingerprint, items_of_list
from issues.services import (
    add_evidence,
    ask_for_time,
    choose_example,
    claim_item,
    draw_look_backs,
    freeze_list,
    keep_view,
    keep_words,
    make_move,
    raise_slip,
    replace_evidence,
    report_milestone,
    take_slip_step,
    upload_ledger,
    write_item_of_appeals,
    write_unit_item,
)
from organisation.choices import Role
from organisation.models import User
from organisation.services import retire
from organisation.services.imports import roster, upload_roster, upload_units
from reports.services import PROGRESS_KIND
from tests.core.workbooks import workbook
from tests.kept import Keep, Kept
from tests.personas import World
from tests.visits.appeals import appeal_at
from visits.choices import FlagKind, Outcome, TargetKind, Way
from visits.models import Appeal, TruthFlag
from visits.services import (
    ask_for_days,
    draw_visits,
    make_link,
    merge_appeal,
    record_visit,
    upload_hotline,
    upload_paper,
    upload_register,
)

SIGNED_OFF = {  # the way of a personal item: who takes which step
    "submit": "cadre",
    "confirm": "head",
    "file": "office",
    "apply": "cadre",
    "unit_sign": "head",
    "sign_off": "discipline",
}
SLIP_WAY = {"receive": "liaison", "answer": "cadre", "sign": "head", "close": "discipline"}
Arguments = dict[str, tuple[object, ...]]


@dataclass
class Objects:
    """What the addresses are about; each method builds the arguments of ``reverse``."""

    world: World

    def build(self) -> Arguments:
        issue, evidence = self.issue_being_rectified()
        job = self.finished_job()
        draw = self.draw()
        sign_off = SignOff.objects.get(look_back__draw=draw)
        slip = self.slip(issue)
        draft = self.round("第一轮")
        opened = self.round("第二轮", steps=1)
        closed = self.round("第三轮", steps=2)
        target = self.world.households(1)[0]
        return {
            "-": (),
            "notice": (self.notice().pk,),
            "line": (self.reminder().pk,),
            "wecom": (self.channel().kind,),
            "job": (job.pk,),
            "slips": (self.finished_job(kind=roster.APPLY, outcome={"once": True}).pk,),
            "people_u": (self.roster().pk,),
            "units_u": (self.unit_list().pk,),
            "person": (self.world.colleague.pk,),
            "retired": (self.retired().pk,),
            "account": (self.world.colleague.pk, "reset-password"),
            "right": (self.world.colleague.pk, self.world.colleague.grants.get().pk),
            "unit": (self.world.unit.pk,),
            "target": (target.pk,),
            "leave": (target.pk, "leave"),
            "visit": (self.visit().pk,),
            "team": (self.world.team.pk,),
            "kind": ("household",),
            **self.appeals(),
            "session": ("of-somebody-else",),
            "upload": (self.upload().pk,),
            "hotlin_u": (self.hotline().pk,),
            "ledger_u": (self.ledger().pk,),
            "paper": (self.paper().pk,),
            "member": (self.world.cadre.pk,),
            "issue": (issue.pk,),
            "kept": (self.kept().pk,),
            "draft": (self.world.issue().pk,),
            "move": (issue.pk, "apply"),
            "draw": (draw.pk,),
            "to_sign": (self.on_its_way("unit_sign").pk,),
            "signed": (sign_off.issue_id, sign_off.pk),
            **self.example(),
            "more_t": (issue.pk, self.more_time(issue).pk),
            "slip": (slip.pk,),
            "slip_s": (slip.pk, "receive"),
            "milest": self.milestone(),
            "evidence": (issue.pk, evidence.pk),
            "view": (self.view().pk,),
            **self.truth(),
            "draft_r": (draft.pk,),
            "open_r": (opened.pk,),
            "closed_r": (closed.pk,),
            "group": (draft.pk, RaterGroup.PEER),
            **self.lists(issue),
            **self.campaign(),
        }

    def lists(self, issue: Issue) -> Arguments:
        """The unit's list: a version that waits for the head, and a draft made of an item."""
        world = self.world
        self.unit_item("排队两小时")
        items = list(items_of_list(world.campaign, world.unit))
        version = freeze_list(
            campaign=world.campaign,
            unit=world.unit,
            actor=world.liaison,
            seen=fingerprint(items),
        )
        draft = self.unit_item("材料一再补正", [issue])
        claim_item(claimed=draft, actor=world.deputy, category=world.category, text=world.text())
        return {
            "version": (version.pk,),
            "unit_i": (draft.pk,),
            "origin": (draft.pk, draft.origins.get().pk),
        }

    def of_appeal(self, key: int) -> None:
        """A draft of the unit made of an appeal."""
        world = self.world
        write_item_of_appeals(
            appeals=[Appeal.objects.select_related("unit__area", "area", "campaign").get(pk=key)],
            author=world.liaison,
            category=world.category,
            text=world.text(title="路灯总不修", leader=world.head, responsible=world.colleague),
        )

    def unit_item(self, title: str, origins: Collection[Issue] = ()) -> Issue:
        world = self.world
        return write_unit_item(
            campaign=world.campaign,
            unit=world.unit,
            author=world.liaison,
            category=world.category,
            text=world.text(title=title, leader=world.head, responsible=world.colleague),
            origins=origins,
        )

    def kept(self) -> Autosave:
        """What the cadre has begun and not saved."""
        return keep_words(
            person=self.world.cadre,
            campaign=self.world.campaign,
            issue=None,
            token=uuid.uuid4(),
            words={"title": "写到一半"},
            seen=0,
        )

    def more_time(self, issue: Issue) -> Extension:
        to_day = issue.due_on + timedelta(days=1)
        return ask_for_time(issue=issue, actor=self.world.cadre, to_day=to_day, reason="等设备到货")

    def slip(self, issue: Issue) -> SupervisionSlip:
        """Raised by hand and not received yet; one before it has gone the whole way."""
        world = self.world
        for number, until in enumerate((4, 0)):
            slip = raise_slip(
                issue=issue,
                actor=world.discipline,
                request="查清原因，当面答复",
                pace=Pace.URGENT,
                token=uuid.UUID(int=number),
            )
            for name, who in list(SLIP_WAY.items())[:until]:
                slip = take_slip_step(
                    slip=slip,
                    name=name,
                    actor=getattr(world, who),
                    note="已办",
                    seen=slip.step_count,
                )
        return slip

    def appeals(self) -> Arguments:
        """One being handled whose unit asks for more time; others at other steps."""
        world = self.world
        found = {}
        steps = {"appeal_s": "assign", "appeal": "sign", "appeal_h": "sign", "appeal_a": "answer"}
        for name, until in steps.items():
            appeal = appeal_at(world, until)
            found[name] = appeal.pk
            if name == "appeal":
                ask_for_days(appeal=appeal, actor=world.liaison, workdays=3, reason="等设备")
        found["appeal_m"] = self.merged()
        self.of_appeal(found["appeal_h"])
        return {name: (pk,) for name, pk in found.items()} | {
            "appeal_s": (found["appeal_s"], "sign"),
            "link": (self.link(found["appeal_a"]),),
        }

    def merged(self) -> int:
        """One that was merged into another."""
        one, into = appeal_at(self.world, ""), appeal_at(self.world, "")
        merge_appeal(appeal=one, into=into, actor=self.world.office, seen=0, reason="同一件")
        return one.pk

    def link(self, appeal: int) -> str:
        """The code of one to be answered on."""
        raised = Appeal.objects.select_related("unit__area", "area").get(pk=appeal)
        voice = raised.voices.get()
        return make_link(appeal=raised, voice=voice, actor=self.world.organisation)[1]

    def view(self) -> SavedView:
        criteria = Criteria(words="材料", light="red")
        return keep_view(
            campaign=self.world.campaign,
            owner=self.world.cadre,
            name="逾期的",
            criteria=criteria,
        )

    def milestone(self) -> tuple[int, int]:
        """The second of a long-term item being put right, whose first has been reported."""
        world = self.world
        issue = world.issue(**world.long_term())
        sent = {"issue": issue, "seen_hash": shown_hash(issue), "discloses": True}
        make_move(name="submit", actor=world.cadre, **sent)
        world.move(issue, "confirm", world.head)
        world.move(issue, "file", world.office)
        first, second = Milestone.objects.filter(plan__version__issue=issue).order_by("number")
        report_milestone(milestone=first, actor=world.cadre, result="办结 10 户，贴在公示栏。")
        return issue.pk, second.pk

    def draw(self) -> Draw:
        """Of one item that was signed off."""
        world = self.world
        self.on_its_way("sign_off")
        return draw_look_backs(campaign=world.campaign, percent=10, actor=world.discipline)

    def on_its_way(self, until: str) -> Issue:
        """Brought up to and with that step."""
        world = self.world
        issue = world.issue()
        for name, who in SIGNED_OFF.items():
            if name == "apply":
                add_evidence(issue=issue, actor=world.cadre, file=_photo("销号.png"))
            world.move(issue, name, getattr(world, who), "已办")
            if name == until:
                return issue
        raise AssertionError(until)

    def example(self) -> Arguments:
        """The item that was drawn from, its photo, and the example made of it."""
        issue = Issue.objects.filter(unit=self.world.unit, state=State.CLOSED).latest("pk")
        text = dict.fromkeys(EXAMPLE_TEXT, "某某当天录入。")
        choose_example(issue=issue, actor=self.world.office, text=text)
        return {"closed": (issue.pk,), "photo": (issue.pk, issue.evidence.get().pk)}

    def campaign(self) -> Arguments:
        """The campaign's own places, and what the unit has entered in it."""
        world = self.world
        pk, unit = world.campaign.pk, world.unit.pk
        done, archived = self.summary_told(), self.archived().pk
        return {
            "campaign": (pk,),
            "archived": (archived,),
            "arch_u": (archived, unit),
            "plan": ("yamen",),
            "stage": (pk, StageKind.SUPERVISION),
            "task": (pk, self.task("抽查回访走访记录").pk),
            "o_task": (self.task("抽查回访走访记录").pk,),
            "u_task": (done.task.pk, unit),
            "part": (pk, unit),
            "list": (pk, world.category.taxonomy_id),
            "done": (done.pk,),
            "activity": (self.activity().pk,),
            "rule": (self.institution().pk,),
        }

    def archived(self) -> Campaign:
        """An older campaign of the county, of which one number of the unit is left."""
        last_year = self.world.today - timedelta(days=365)
        campaign = Campaign.objects.create(
            name=f"去年的行动{self.world.unit.pk}",
            area=self.world.county,
            organiser="作风办",
            starts_on=last_year,
            ends_on=last_year + timedelta(days=90),
            archived_at=timezone.now(),
        )
        campaign.totals.create(measure="campaign/tasks", n=8, d=13)
        campaign.totals.create(
            measure="campaign/tasks", part="总结", unit=self.world.unit, n=1, d=1
        )
        return campaign

    def task(self, title: str) -> StageTask:
        tasks = StageTask.objects.select_related("stage__campaign__area")
        return tasks.get(stage__campaign=self.world.campaign, title=title)

    def summary_told(self) -> TaskDone:
        file = _paper("总结.pdf")
        return tell_done(
            task=self.task("上传工作总结"),
            unit=self.world.unit,
            actor=self.world.head,
            today=self.world.today,
            note="已总结",
            file=file,
        )

    def activity(self) -> Activity:
        return record_activity(
            campaign=self.world.campaign,
            unit=self.world.unit,
            kind=ActivityKind.STUDY,
            held_on=self.world.today,
            heads=12,
            summary="专题学习",
            actor=self.world.head,
            file=check_upload(SimpleUploadedFile("通知.pdf", b"%PDF-1.7")),
        )

    def institution(self) -> Institution:
        return record_institution(
            campaign=self.world.campaign,
            unit=self.world.unit,
            name="首问负责制",
            document_number="东建〔2026〕1号",
            issued_on=self.world.today,
            categories=[self.world.category],
            actor=self.world.head,
        )

    def retired(self) -> User:
        world = self.world
        person = world.person(
            f"retired_of_{world.unit.pk}", world.unit, Role.CADRE, unit=world.unit
        )
        return retire(user=person, on=world.today - timedelta(days=1), actor=None)

    def notice(self) -> Notice:
        notices.send([Message("a", self.world.cadre.pk, "退回意见", url="/issues/")])
        return Notice.objects.get(event="a", person=self.world.cadre)

    def reminder(self) -> Reminder:
        person, today = self.world.cadre, self.world.today
        digest = Digest.objects.create(
            person=person, way=By.INBOX, day=today, next_try_at=timezone.now(), state="sent"
        )
        Notice.objects.create(event="digest:a", person=person, title="提醒", digest=digest)
        return Reminder.objects.create(
            event="a", person=person, way=By.INBOX, kind="rectification", subject=1,
            addressee=Addressee.PERSON, title="问题", url="/issues/", due_on=today, digest=digest,
        )  # fmt: skip

    def channel(self) -> Channel:
        return channels.set_channel(
            person=self.world.cadre,
            kind=ChannelKind.WECOM,
            address="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a",
        )

    def finished_job(
        self, kind: str = PROGRESS_KIND, outcome: dict[str, object] | None = None
    ) -> Job:
        world = self.world
        job = request_job(
            kind=kind,
            title="进度",
            owner=world.office,
            campaign=world.campaign.pk,
            area=world.county.code,
            format="xlsx",
        )
        jobs.run(
            str(job.pk),
            lambda running: running.finish(
                outcome=outcome, file=io.BytesIO(b"rows"), file_name="进度.xlsx"
            ),
        )
        return job

    def visit(self) -> object:
        (target,) = self.world.households(1)
        return record_visit(
            token=uuid.uuid4(),
            target=target,
            author=self.world.cadre,
            visited_on=self.world.today,
            way=Way.values[0],
            outcome=Outcome.values[0],
        )

    def truth(self) -> Arguments:
        """A hint on a visit of the cadre, and a draw that has taken all visits so far."""
        world, visit = self.world, self.visit()
        flag = TruthFlag.objects.create(
            campaign=world.campaign,
            kind=FlagKind.NIGHT,
            author=world.cadre,
            about=world.today.toordinal(),
            day=world.today,
            area=world.village,
            number=1,
        )
        flag.visits.add(visit)
        made = draw_visits(
            campaign=world.campaign,
            area=world.county,
            first_day=world.today,
            last_day=world.today,
            percent=100,
            token=uuid.uuid4(),
            actor=world.organisation,
        )
        check = made.checks.get(visit=visit)
        return {"flag": (flag.pk,), "t_draw": (made.pk,), "t_check": (check.pk,)}

    def upload(self) -> object:
        return upload_register(
            campaign=self.world.campaign,
            kind=TargetKind.HOUSEHOLD,
            name="群众.xlsx",
            content=workbook([["编号", "户主", "村"]]),
            actor=self.world.office,
        )

    def hotline(self) -> object:
        return upload_hotline(
            campaign=self.world.campaign,
            name="12345结果.xlsx",
            content=workbook([["编号", "办理结果", "退回理由"]]),
            actor=self.world.office,
        )

    def paper(self) -> object:
        world = self.world
        return upload_paper(
            campaign=world.campaign,
            author=world.cadre,
            name="走访.xlsx",
            content=workbook([["类别", "编号", "走访日期"]]),
            actor=world.cadre,
        )

    def ledger(self) -> object:
        return upload_ledger(
            campaign=self.world.campaign,
            name="台账.xlsx",
            content=workbook([["问题", "事情经过"]]),
            actor=self.world.liaison,
        )

    def roster(self) -> object:
        content = workbook([["登录名", "姓名"]])
        return upload_roster(name="名册.xlsx", content=content, site="", actor=self.world.office)

    def unit_list(self) -> object:
        content = workbook([["单位编号", "单位名称"]])
        return upload_units(name="单位.xlsx", content=content, actor=self.world.office)

    def issue_being_rectified(self) -> tuple[object, object]:
        world = self.world
        issue = world.issue()
        world.move(issue, "submit", world.cadre)
        world.move(issue, "confirm", world.head)
        world.move(issue, "file", world.office)
        old = add_evidence(issue=issue, actor=world.cadre, file=_paper("佐证.pdf", b"%PDF-1.4"))
        newer = _paper("佐证.pdf")
        return issue, replace_evidence(evidence=old, actor=world.cadre, file=newer)

    def round(self, title: str, steps: int = 0) -> object:
        rating = create_round(
            campaign=self.world.campaign,
            unit=self.world.unit,
            title=title,
            actor=self.world.office,
        )
        for step in (open_round, close_round)[:steps]:
            step(rating=rating, actor=self.world.office)
            rating.refresh_from_db()
        return rating


@pytest.fixture(scope="session")
def kept_objects(keep: Keep, kept_world: Kept[World]) -> Kept[Arguments]:
    return keep(lambda world: Objects(world).build(), upon=kept_world)


@pytest.fixture
def objects(world: World, kept_objects: Kept[Arguments]) -> Arguments:
    """What the addresses are about, from the standpoint of the personas."""
    return kept_objects(world)


def _photo(name: str) -> CheckedFile:
    content = io.BytesIO()
    Image.new("RGB", (32, 24), (90, 40, 80)).save(content, "PNG")
    return check_upload(SimpleUploadedFile(name, content.getvalue()))


def _paper(name: str, content: bytes = b"%PDF-1.7") -> CheckedFile:
    return check_upload(SimpleUploadedFile(name, content))
