"""One valid post for every address that takes one.

An address without an example fails tests/security/test_extra_fields.py until it has one:
then it is also attacked with fields of others, malformed values and forged requests.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, partial
from hashlib import sha256
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaign.choices import ActivityKind, Audience, DueFrom, StageKind, Watch
from campaign.forms.calendar import Checked
from campaign.forms.campaign import written
from campaign.forms.list_files import CheckedList
from campaign.models import Stage, TaskDone
from campaign.services import end_stage, windows_of
from campaign.services.lists import Row
from core import calendars
from core.calendar_year import YearDay, days_in, whole_year
from core.uploads import Upload, UploadState
from evaluations.choices import Grade, RaterGroup, RoundState
from evaluations.models import Round, RoundGroup
from evaluations.services import add_codes, close_round
from issues.choices import Kind, Nature, SlipState, Source, State
from issues.models import (
    EXAMPLE_TEXT,
    Extension,
    GoodExample,
    Issue,
    LedgerUpload,
    ListVersion,
    LookBack,
    Origin,
    SupervisionSlip,
)
from issues.queries import shown_hash
from issues.queries.lists import fingerprint, items_of_list
from organisation.choices import Role, Tier, UnitKind
from organisation.models import (
    Authenticator,
    RecoveryCode,
    RosterUpload,
    Session,
    Unit,
    UnitUpload,
    User,
)
from organisation.services import grant
from tests.architecture.routes import rows
from tests.core.workbooks import workbook
from tests.personas import PASSWORD, World
from visits.choices import AppealState, Handling, Outcome, TargetKind, Way
from visits.models import (
    Appeal,
    CallBackLink,
    HotlineUpload,
    RegisterUpload,
    Target,
    TruthCheck,
    VisitUpload,
    Voice,
)
from visits.queries.denominator import counts_of
from visits.services import take_target
from visits.tasks import check_register

Objects = Mapping[str, tuple[Any, ...]]
NEW_PASSWORD = "another-horse-of-mine-7"
CODE = "0123456789ABCDEFGHJKMNPQRS"


@dataclass
class Example:
    """Who posts what to the address of which object; ``prepare`` makes it possible.

    ``first`` is what the same browser has done before; ``args`` stand in for ``on``.
    """

    by: str
    on: str = "-"
    data: dict[str, Any] = field(default_factory=dict)
    prepare: Callable[[], object] = lambda: None
    files: dict[str, Callable[[], SimpleUploadedFile]] = field(default_factory=dict)
    first: Callable[[Client], object] = lambda client: None
    args: tuple[object, ...] | None = None


@dataclass
class Post:
    """An example from one standpoint, ready to be sent, changed or not."""

    route: str
    example: Example
    address: str
    world: World

    def client(self, **options: Any) -> Client:
        client = Client(raise_request_exception=False, **options)
        if self.example.by != "anonymous":
            client.force_login(getattr(self.world, self.example.by))
        return client

    def send(self, client: Client | None = None, **extra: Any) -> HttpResponse:
        """Prepare and post; ``extra`` fields win over the example's own."""
        browser = client or self.client()
        self.example.prepare()
        self.example.first(browser)
        files = {name: make() for name, make in self.example.files.items()}
        return browser.post(self.address, {**self.example.data, **files, **extra})


def posting_routes() -> set[str]:
    return {route for route, _, method, _ in rows() if method == "POST"}


def posts(world: World, objects: Objects) -> list[Post]:
    """The examples of all addresses, from this standpoint."""
    made = {route: make(world, objects) for route, make in EXAMPLES.items()}
    return [
        Post(route, example, reverse(route, args=example.args or objects[example.on]), world)
        for route, example in made.items()
        if route in posting_routes()
    ]


### The examples


def _frozen_register(world: World, on: Objects) -> Example:
    counts = counts_of(world.campaign)
    seen = ",".join(f"{part}={number}" for part, number in counts.items())
    return Example("city_office", data={"reason": "登记齐全", "seen": seen})


def _paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("材料.pdf", b"%PDF-1.7")


def _campaign_data(world: World, area: Any) -> dict[str, str]:
    data = {"name": "明年的行动", "area": str(area.pk), "organiser": "领导小组办公室"}
    return data | _dates(world, moved=0)


def _dates(world: World, moved: int) -> dict[str, str]:
    """The stages of the campaign, with the end of the first and the start of the second moved."""
    windows = windows_of(world.campaign)
    data = {"seen": written(windows)}
    for kind, window in windows.items():
        data |= {f"{kind}_from": str(window.start), f"{kind}_to": str(window.end)}
    first, second = windows[StageKind.MOBILISATION], windows[StageKind.SELF_EXAMINATION]
    data["mobilisation_to"] = str(first.end + timedelta(days=moved))
    data["self_examination_from"] = str(second.start + timedelta(days=moved))
    return data


def _confirmed(dates: dict[str, str]) -> dict[str, str]:
    """After the preview, whose button carries what it showed."""
    shown = " ".join(f"{dates[f'{kind}_from']}..{dates[f'{kind}_to']}" for kind in StageKind)
    return dates | {"confirm": shown}


def _list(world: World) -> dict[str, str]:
    """The rows of the list as they stand."""
    rows = world.category.taxonomy.categories.all()
    return {f"name_{row.pk}": row.name for row in rows} | {
        f"gloss_{row.pk}": row.gloss for row in rows
    }


def _list_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("清单.xlsx", workbook([["方面", "表现"], ["形式主义", "层层加码"]]))


def _shown_list(world: World) -> str:
    rows = [Row(None, "层层加码", "", "形式主义")]
    return CheckedList(world.campaign.pk, None, "八个方面", rows, "").sealed(world.city_office)


def _ended_stage(world: World, on: Objects) -> Example:
    def end() -> None:
        stage = Stage.objects.get(campaign=world.campaign, kind=StageKind.MOBILISATION)
        if stage.ended_at is None:
            end_stage(stage=stage, actor=world.city_office, reason="已部署到位")

    return Example(
        "city_office",
        args=(world.campaign.pk, StageKind.MOBILISATION),
        data={"reason": "补开大会"},
        prepare=end,
    )


def _over(world: World, on: Objects) -> Example:
    """The last day has passed, and nothing is open any more."""

    def end() -> None:
        for rating in Round.objects.filter(campaign=world.campaign, state=RoundState.OPEN):
            close_round(rating=rating, actor=world.city_office)
        for stage in world.campaign.stages.filter(ended_at=None):
            end_stage(stage=stage, actor=world.city_office, reason="到期")
        world.campaign.ends_on = world.today - timedelta(days=1)
        world.campaign.save(update_fields=["ends_on"])

    name = world.campaign.name
    return Example("city_office", "campaign", data={"name": name}, prepare=end)


def _task_data() -> dict[str, str]:
    return {
        "title": "抽查台账",
        "audience": Audience.OFFICE.value,
        "deliverable": "抽查结果",
        "watch": Watch.TOLD.value,
        "threshold": "100",
        "due_from": DueFrom.STAGE_START.value,
        "due_days": "5",
    }


def _issue_text(world: World) -> dict[str, Any]:
    return {
        "category": world.category.pk,
        "title": "材料被搁置",
        "happened_on": str(world.today),
        "place": "窗口",
        "event": "压了 9 天。",
        "affected": "张三",
        "source": Source.SELF.value,
        "nature": Nature.INDIVIDUAL.value,
        "cause": "不上心",
        "root_cause": "没有限时意识",
        "direction": "当天录入",
        "measures": "每天清一遍",
        "kind": Kind.BY_DATE.value,
        "due_on": str(world.campaign.ends_on),
        "token": str(uuid.UUID(int=1)),
    }


def _visit(world: World, objects: Objects) -> Example:
    data = {
        "visited_on": str(world.today),
        "way": Way.values[0],
        "outcome": Outcome.values[0],
        "heard": "说了情况",
        "appeal": "修路",
        "handling": Handling.OWN_UNIT.value,
        "companions": "李四",
        "late_reason": "",
        "token": str(uuid.UUID(int=2)),
    }
    return Example("cadre", "target", data)


def _team(name: str, world: World) -> dict[str, str]:
    return {
        "name": name,
        "areas": world.village2.code,
        "department": world.colleague.username,
        "posted": "",
        "grid": "",
        "leader": world.colleague.username,
    }


def _given(world: World, on: Objects) -> Example:
    """The cadre has been given a target, which the office takes back."""

    def give() -> None:
        Target.objects.filter(pk__in=on["target"]).update(assignee=world.cadre)

    return Example("organisation", "team", {"person": str(world.cadre.pk)}, prepare=give)


def _taken(world: World, objects: Objects) -> Example:
    def prepare() -> None:
        take_target(target=Target.objects.get(pk=objects["target"][0]), actor=world.cadre)

    return Example("cadre", "target", prepare=prepare)


def _move(world: World, objects: Objects) -> Example:
    issue = Issue.objects.get(pk=objects["issue"][0])
    return Example("cadre", "move", {"note": "做完了", "seen_hash": shown_hash(issue)})


def _bulk(world: World, objects: Objects) -> Example:
    """Confirm the draft that has just been handed in."""
    issue = Issue.objects.get(pk=objects["draft"][0])
    sent = {
        "issue": str(issue.pk),
        f"step-{issue.pk}": "confirm",
        f"hash-{issue.pk}": shown_hash(issue),
    }
    ready = Issue.objects.filter(pk=issue.pk)
    return Example("head", data=sent, prepare=lambda: ready.update(state=State.SUBMITTED))


def _to_hand_over(world: World, objects: Objects) -> Example:
    """One that no unit has taken over, to 12345; back from there it may go again."""
    appeal = Appeal.objects.get(pk=objects["appeal_s"][0])
    sent = {
        "appeal": str(appeal.pk),
        f"number-{appeal.pk}": "LC20260001",
        f"seen-{appeal.pk}": str(appeal.step_count),
    }
    ready = Appeal.objects.filter(pk=appeal.pk)
    state = AppealState.UNASSIGNED
    return Example("office", data=sent, prepare=lambda: ready.update(state=state, unit=None))


def _more_time(world: World, objects: Objects) -> Example:
    issue = Issue.objects.get(pk=objects["issue"][0])
    data = {"to_day": str(issue.due_on + timedelta(days=2)), "reason": "等设备到货"}
    return Example(
        "cadre", "issue", data, prepare=lambda: Extension.objects.update(**_refused(world))
    )


def _people(world: World) -> dict[str, Any]:
    return {"leader": world.head.pk, "responsible": world.colleague.pk}


def _list_seen(world: World) -> str:
    return fingerprint(list(items_of_list(world.campaign, world.unit)))


def _version_seen(objects: Objects) -> dict[str, Any]:
    return {"seen": ListVersion.objects.get(pk=objects["version"][0]).sha256}


def _nothing_waits(world: World) -> Callable[[], object]:
    decided = {"assent": "returned", "assented_by": world.head, "assented_at": timezone.now()}
    return lambda: ListVersion.objects.update(**decided)


def _refused(world: World) -> dict[str, object]:
    return {"decision": "refused", "decided_by": world.office, "decided_at": timezone.now()}


def _voice_of(appeal: tuple[object, ...]) -> str:
    return str(Voice.objects.get(appeal=appeal[0]).pk)


def _call(world: World, objects: Objects) -> Example:
    voice = Voice.objects.get(appeal=objects["appeal_a"][0])
    data = {"voice": str(voice.pk), "result": "satisfied", "solved": "yes", "way": "phone"}
    return Example("organisation", "appeal_a", data | {"said": "修好了", "seen": "3"})


def _new_slip(world: World, objects: Objects) -> Example:
    """The open one is out of the way."""
    data = {"request": "当面答复", "pace": "urgent", "token": str(uuid.UUID(int=9))}
    slips = SupervisionSlip.objects.filter(state=SlipState.ISSUED)
    return Example(
        "discipline", "issue", data, prepare=lambda: slips.update(state=SlipState.WITHDRAWN)
    )


def _undrawn() -> None:
    LookBack.objects.update(draw=None, is_drawn=False)


def _update(world: World, objects: Objects) -> Example:
    data = _issue_text(world) | {"seen_version": "1", "title": "改过的标题"}
    return Example("cadre", "draft", data)


def _checked(model: type[Upload], on: str, objects: Objects, who: str = "office") -> Example:
    upload = model._default_manager.filter(pk=objects[on][0])
    return Example(who, on, prepare=lambda: upload.update(state=UploadState.CHECKED))


def _columns(world: World, on: Objects) -> Example:
    """A file whose headings nobody understands, checked."""
    job = str(RegisterUpload.objects.get(pk=on["upload"][0]).job_id)
    chosen = {"column_0": "户编号", "column_1": "户主姓名", "column_2": "村（社区）"}
    given = {"at": "0-0", "job": job} | chosen
    return Example("office", "upload", given, prepare=lambda: check_register(job_id=job))


def _keeping(world: World, more: Callable[[], object] = lambda: None, **given: Any) -> Example:
    """The calendar is kept by the office of the whole city."""

    def prepare() -> None:
        grant(user=world.office, role=Role.OFFICE, since=world.today, area=world.city)
        more()

    return Example("office", prepare=prepare, **given)


def _year() -> SimpleUploadedFile:
    lines = [[day, "是" if day.weekday() < 5 and day.day > 1 else "否"] for day in days_in(2029)]
    return SimpleUploadedFile("2029.xlsx", workbook([["日期", "是否工作日"], *lines]))


def _shown_year(world: World, on: Objects) -> Example:
    days = whole_year(2029, [YearDay(date(2029, 1, 1), False, "元旦")])
    checked = Checked(2029, "通知", days, calendars.stamp())
    return _keeping(world, data={"checked": checked.sealed(world.office)})


def _closed_day(world: World, on: Objects) -> Example:
    day = date(2026, 7, 20)
    close = partial(calendars.close_days, days=[day], reason="台风", actor=world.office)
    return _keeping(world, close, data={"day": str(day), "reason": "转晴", "confirm": "1"})


def _with_code(world: World, objects: Objects, **data: Any) -> Example:
    group = RoundGroup.objects.select_related("round").get(
        round=objects["open_r"][0], group=RaterGroup.PEER
    )

    def print_one() -> None:
        add_codes(group=group, batch=uuid.UUID(int=3), codes=[CODE])

    return Example("anonymous", data={"code": CODE, **data}, prepare=print_one)


def _login_name(world: World) -> str:
    return User.objects.values_list("username", flat=True).get(pk=world.cadre.pk)


def _second_step(world: World, objects: Objects) -> Example:
    def set_up() -> None:
        Authenticator.objects.create(user=world.cadre, name="", secret=Authenticator.new_secret())
        RecoveryCode.objects.create(user=world.cadre, hash=sha256(b"abcdefgh").hexdigest())

    def give_password(client: Client) -> None:
        client.post("/login/", {"username": _login_name(world), "password": PASSWORD})

    return Example("anonymous", data={"code": "abcd-efgh"}, prepare=set_up, first=give_password)


def _recovery(world: World, objects: Objects) -> Example:
    def set_up() -> None:
        Authenticator.objects.create(user=world.cadre, name="", secret=Authenticator.new_secret())

    return Example("cadre", prepare=set_up)


def _other_sign_in(world: World, objects: Objects) -> Example:
    now = timezone.now()
    there = Session(session_key="k" * 32, user_id=world.cadre.pk, session_data="", seen_at=now)
    there.started_at, there.expire_date = now, now + timedelta(hours=1)
    return Example("cadre", args=(there.reference,), prepare=lambda: there.save(force_insert=True))


def _name_of(unit: Unit) -> str:
    return Unit.objects.values_list("name", flat=True).get(pk=unit.pk)


def _new_person(world: World, objects: Objects) -> Example:
    data = {
        "name": "新人", "username": "new.person", "phone": "13900001111", "position": "科员",
        "unit": _name_of(world.unit), "tier": Tier.KEY_POST.value, "powers": "approves",
        "since": str(world.today),
    }  # fmt: skip
    return Example("office", data=data)


def _empty_unit(world: World, objects: Objects, **data: Any) -> Example:
    """A unit that nobody is posted in."""
    unit = world._unit(f"空单位{uuid.uuid4().hex[:6]}", world.county)
    return Example("office", data=data, args=(unit.pk,))


def _unit_data(world: World, name: str) -> dict[str, Any]:
    return {"name": name, "code": "", "kind": UnitKind.DEPARTMENT.value, "area": world.county.pk}


def _post_data(world: World) -> dict[str, Any]:
    tier = Tier.ORDINARY.value
    return {"position": "副科长", "tier": tier, "on": str(world.today)}


@cache
def _workbook(*headings: str) -> bytes:
    """The same bytes each time: a workbook holds the second in which it was made."""
    return workbook([list(headings)])


def _roster() -> SimpleUploadedFile:
    return SimpleUploadedFile("名册.xlsx", _workbook("登录名", "姓名"))


def _pdf(name: str) -> Callable[[], SimpleUploadedFile]:
    return lambda: SimpleUploadedFile(name, b"%PDF-1.7 new")


def _register() -> SimpleUploadedFile:
    return SimpleUploadedFile("群众.xlsx", _workbook("编号", "户主"))


_POLICY = {
    "password_days": "0",
    "password_history": "3",
    "initial_password_days": "10",
    "idle_minutes": "20",
    "session_hours": "9",
}
_GROUPS = {"superior": "20", "peer": "30", "served": "50", "minimum": "6"}


def _new_link(appeal: tuple[object, ...]) -> Example:
    """In the place of the one that the page shows."""
    link = CallBackLink.objects.get(voice__appeal=appeal[0])
    return Example("organisation", "appeal_a", {"voice": str(link.voice_id), "seen": link.mark})


EXAMPLES: dict[str, Callable[[World, Objects], Example]] = {
    "core:read-all-notices": lambda world, on: Example("cadre"),
    "core:open-notice": lambda world, on: Example("cadre", "notice"),
    "core:open-reminder": lambda world, on: Example("cadre", "line"),
    "core:channel-set": lambda world, on: Example(
        "cadre",
        "wecom",
        data={"address": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=b"},
    ),
    "core:channel-try": lambda world, on: Example("cadre", "wecom"),
    "core:channel-send-again": lambda world, on: Example("cadre", "wecom"),
    "core:channel-drop": lambda world, on: Example("cadre", "wecom"),
    "organisation:login": lambda world, on: Example(
        "anonymous", data={"username": _login_name(world), "password": PASSWORD}
    ),
    "organisation:logout": lambda world, on: Example("cadre"),
    "organisation:login-code": _second_step,
    "organisation:password": lambda world, on: Example(
        "cadre", data={"old": PASSWORD, "new": NEW_PASSWORD, "again": NEW_PASSWORD}
    ),
    "organisation:authenticator": lambda world, on: Example("cadre", data={"begin": "1"}),
    "organisation:recovery-codes": _recovery,
    "organisation:session-end": _other_sign_in,
    "organisation:sessions-end-others": lambda world, on: Example("cadre"),
    "organisation:policy": lambda world, on: Example("security_admin", data=dict(_POLICY)),
    "core:take-file": lambda world, on: Example("office", "slips"),
    "organisation:audit-search": lambda world, on: Example("audit_admin", data={"person": "甲"}),
    "organisation:audit-export": lambda world, on: Example(
        "audit_admin", data={"person": "", "act": "", "words": "", "since": "", "until": ""}
    ),
    "organisation:roster-import": lambda world, on: Example("office", files={"file": _roster}),
    "organisation:roster-apply": lambda world, on: _checked(RosterUpload, "people_u", on),
    "organisation:units-import": lambda world, on: Example("office", files={"file": _roster}),
    "organisation:units-apply": lambda world, on: _checked(UnitUpload, "units_u", on),
    "organisation:person-create": _new_person,
    "organisation:person-search": lambda world, on: Example("office", data={"words": "甲"}),
    "organisation:person-export": lambda world, on: Example("office", data={"words": ""}),
    "organisation:person-update": lambda world, on: Example(
        "office", "person", {"name": "新名字", "phone": "13900002222"}
    ),
    "organisation:person-posting": lambda world, on: Example("office", "person", _post_data(world)),
    "organisation:person-move": lambda world, on: Example(
        "office", "person", _post_data(world) | {"unit": _name_of(world.office_unit)}
    ),
    "organisation:person-retire": lambda world, on: Example(
        "office", "person", {"on": str(world.today)}
    ),
    "organisation:person-return": lambda world, on: Example(
        "office", "retired", _post_data(world) | {"unit": _name_of(world.unit)}
    ),
    "organisation:person-reveal": lambda world, on: Example(
        "office", "person", {"reason": "电话核实情况"}
    ),
    "organisation:person-account": lambda world, on: Example("system_admin", "account"),
    "organisation:grant-create": lambda world, on: Example(
        "security_admin",
        "person",
        {
            "role": Role.LIAISON.value,
            "unit": _name_of(world.unit),
            "area": "",
            "since": str(world.today),
            "until": "",
        },
    ),
    "organisation:grant-revoke": lambda world, on: Example("security_admin", "right"),
    "organisation:unit-search": lambda world, on: Example("office", data={"words": "局"}),
    "organisation:unit-create": lambda world, on: Example(
        "office", data=_unit_data(world, "新单位") | {"parent": ""}
    ),
    "organisation:unit-update": lambda world, on: Example(
        "office", "unit", _unit_data(world, "改名单位")
    ),
    "organisation:unit-move": lambda world, on: _empty_unit(
        world, on, parent=_name_of(world.office_unit)
    ),
    "organisation:unit-close": lambda world, on: _empty_unit(world, on, on=str(world.today)),
    "campaign:calendar-upload": lambda world, on: _keeping(
        world, data={"year": "2029", "source": "通知"}, files={"file": _year}
    ),
    "campaign:calendar-land": _shown_year,
    "campaign:calendar-closure": lambda world, on: _keeping(
        world, data={"since": "2026-07-20", "until": "2026-07-21", "reason": "台风"}
    ),
    "campaign:calendar-close": lambda world, on: _keeping(
        world, data={"since": "2026-07-20", "until": "2026-07-21", "reason": "台风"}
    ),
    "campaign:calendar-reopen": _closed_day,
    "campaign:campaign-create": lambda world, on: Example(
        "city_office", "plan", _campaign_data(world, world.city)
    ),
    "campaign:archive": _over,
    "campaign:campaign-work": lambda world, on: Example("cadre", "campaign"),
    "campaign:campaign-copy": lambda world, on: Example(
        "city_office", "campaign", _campaign_data(world, world.city)
    ),
    "campaign:dates": lambda world, on: Example(
        "city_office", "campaign", _confirmed(_dates(world, moved=3))
    ),
    "campaign:term-list-update": lambda world, on: Example(
        "city_office", "list", {"name_new1": "第十一弊", "gloss_new1": "补充", **_list(world)}
    ),
    "campaign:term-list-upload": lambda world, on: Example(
        "city_office", "campaign", {"name": "八个方面"}, files={"file": _list_file}
    ),
    "campaign:term-list-land": lambda world, on: Example(
        "city_office", "campaign", {"checked": _shown_list(world)}
    ),
    "campaign:participants": lambda world, on: Example(
        "city_office", "campaign", {"unit": _name_of(world.office_unit), "reason": "新设机构"}
    ),
    "campaign:participant-leave": lambda world, on: Example(
        "city_office", "part", {"reason": "机构合并"}
    ),
    "campaign:activity-create": lambda world, on: Example(
        "head",
        "part",
        {
            "kind": ActivityKind.WARNING.value,
            "held_on": str(world.today),
            "heads": "30",
            "summary": "警示教育",
        },
        files={"file": _paper},
    ),
    "campaign:activity-remove": lambda world, on: Example("head", "activity"),
    "campaign:institution-create": lambda world, on: Example(
        "head", "part", {"name": "限时办结制", "issued_on": str(world.today)}
    ),
    "campaign:institution-remove": lambda world, on: Example("head", "rule"),
    "campaign:stage-end": lambda world, on: Example(
        "city_office",
        args=(world.campaign.pk, StageKind.MOBILISATION),
        data={"reason": "已部署到位"},
    ),
    "campaign:stage-resume": _ended_stage,
    "campaign:task-create": lambda world, on: Example("city_office", "stage", _task_data()),
    "campaign:task-update": lambda world, on: Example("city_office", "task", _task_data()),
    "campaign:task-remove": lambda world, on: Example("city_office", "task"),
    "campaign:task-tell": lambda world, on: Example(
        "city_office", "o_task", {"note": "抽查了一成"}
    ),
    "campaign:task-tell-unit": lambda world, on: Example(
        "head",
        "u_task",
        {"note": "已总结"},
        prepare=lambda: TaskDone.objects.filter(pk=on["done"][0]).delete(),
        files={"file": _paper},
    ),
    "campaign:task-take-back": lambda world, on: Example("head", "done"),
    "visits:target-search": lambda world, on: Example("cadre", data={"words": "户主"}),
    "visits:target-reveal": lambda world, on: Example(
        "cadre", "target", {"reason": "电话回访核实走访情况"}
    ),
    "visits:visit-search": lambda world, on: Example("cadre", data={"words": "户主"}),
    "visits:visit-create": _visit,
    "visits:target-take": lambda world, on: Example("cadre", "target"),
    "visits:target-give-back": _taken,
    "visits:team-search": lambda world, on: Example("organisation", data={"words": "一队"}),
    "visits:team-create": lambda world, on: Example("organisation", data=_team("二队", world)),
    "visits:team-update": lambda world, on: Example(
        "organisation", "team", _team("改名队", world) | {"seen_version": "1"}
    ),
    "visits:team-dissolve": lambda world, on: Example("organisation", "team"),
    "visits:visit-correct": lambda world, on: Example(
        "cadre",
        "visit",
        {
            "visited_on": str(world.today),
            "way": Way.MEETING.value,
            "outcome": Outcome.ABSENT.value,
            "heard": "改过的情况",
            "companions": "王五",
            "reason": "结果选错了",
            "seen_version": "1",
        },
    ),
    "visits:appeal-search": lambda world, on: Example("office", data={"words": "路灯"}),
    "visits:appeal-step": lambda world, on: Example("liaison", "appeal_s", {"seen": "1"}),
    "visits:appeal-call": _call,
    "visits:appeal-link": lambda world, on: _new_link(on["appeal_a"]),
    "visits:answer": lambda world, on: Example(
        "anonymous", "link", {"result": "satisfied", "solved": "yes", "said": "修好了"}
    ),
    "visits:hotline": lambda world, on: Example("office", files={"file": _roster}),
    "visits:hotline-apply": lambda world, on: _checked(HotlineUpload, "hotlin_u", on),
    "visits:hand-over-look": _to_hand_over,
    "visits:hand-over": _to_hand_over,
    "visits:appeal-ask-days": lambda world, on: Example(
        "liaison", "appeal_h", {"workdays": "5", "reason": "等材料"}
    ),
    "visits:appeal-decide-days": lambda world, on: Example(
        "office", "appeal", {"decision": "granted", "note": "同意"}
    ),
    "visits:appeal-merge": lambda world, on: Example(
        "office", "appeal_h", {"into": str(on["appeal"][0]), "reason": "同一件", "seen": "2"}
    ),
    "visits:appeal-contact": lambda world, on: Example(
        "liaison", "appeal_h", {"voice": _voice_of(on["appeal_h"]), "reason": "上门前约时间"}
    ),
    "visits:appeal-unmerge": lambda world, on: Example(
        "office", "appeal_m", {"reason": "两件不同的事", "seen": "1"}
    ),
    "visits:coverage-export": lambda world, on: Example("office", data={"area": world.county.code}),
    "visits:target-give": lambda world, on: Example(
        "organisation", "target", {"person": str(world.cadre.pk), "seen": "0"}
    ),
    "visits:team-split": lambda world, on: Example(
        "organisation", "team", {"area": "", "members": str(world.cadre.pk), "seen": "0"}
    ),
    "visits:team-take-back": _given,
    "visits:paper-import": lambda world, on: Example(
        "cadre", data={"author": str(world.cadre.pk)}, files={"file": _register}
    ),
    "visits:paper-apply": lambda world, on: _checked(VisitUpload, "paper", on, "cadre"),
    "visits:paper-cancel": lambda world, on: Example("cadre", "paper"),
    "visits:truth-search": lambda world, on: Example("organisation", data={"kind": "overlap"}),
    "visits:truth-draws": lambda world, on: Example(
        "organisation",
        data={
            "area": world.county.code,
            "first_day": str(world.today),
            "last_day": str(world.today),
            "percent": "100",
            "token": str(uuid.uuid4()),
        },
        prepare=lambda: TruthCheck.objects.all().delete(),
    ),
    "visits:truth-check": lambda world, on: Example(
        "organisation", "t_check", {"result": "true", "note": "来过", "seen": "0"}
    ),
    "visits:left-search": lambda world, on: Example(
        "office", data={"words": "户主", "area": world.county.code, "state": "pending"}
    ),
    "visits:left-export": lambda world, on: Example(
        "office", data={"area": world.county.code, "state": "pending", "kind": ""}
    ),
    "visits:freeze": _frozen_register,
    "visits:entry-search": lambda world, on: Example("office", data={"words": "户主"}),
    "visits:entry-change": lambda world, on: Example(
        "office", "leave", {"reason": "户已迁走", "seen": "0"}
    ),
    "visits:register-import": lambda world, on: Example(
        "office", data={"kind": TargetKind.HOUSEHOLD.value}, files={"file": _register}
    ),
    "visits:register-villages": lambda world, on: Example("office"),
    "visits:register-cancel": lambda world, on: Example("office", "upload"),
    "visits:entry-join": lambda world, on: Example(
        "office",
        "kind",
        {
            "field_0": "H-900",
            "field_1": "张三",
            "field_3": world.village.code,
            "field_4": "",
            "seen": "",
        },
    ),
    "visits:register-columns": _columns,
    "visits:register-apply": lambda world, on: _checked(RegisterUpload, "upload", on),
    "issues:issue-search": lambda world, on: Example("cadre", data={"words": "材料"}),
    "issues:ledger-import": lambda world, on: Example("liaison", files={"file": _roster}),
    "issues:ledger-apply": lambda world, on: _checked(LedgerUpload, "ledger_u", on, "liaison"),
    "issues:ledger-export": lambda world, on: Example("cadre", data={"words": "材料"}),
    "issues:view-keep": lambda world, on: Example(
        "cadre", data={"name": "我的逾期", "light": "red", "words": "材料"}
    ),
    "issues:view-rename": lambda world, on: Example("cadre", "view", {"name": "新名称"}),
    "issues:view-drop": lambda world, on: Example("cadre", "view"),
    "issues:bulk-look": lambda world, on: Example("head", data={"issue": str(on["issue"][0])}),
    "issues:bulk-take": _bulk,
    "issues:issue-check": lambda world, on: Example("cadre", data=_issue_text(world)),
    "issues:autosave": lambda world, on: Example(
        "cadre", data=_issue_text(world) | {"token": str(uuid.uuid4()), "number": "0"}
    ),
    "issues:autosave-drop": lambda world, on: Example("cadre", "kept"),
    "issues:issue-create": lambda world, on: Example("cadre", data=_issue_text(world)),
    "issues:issue-update": _update,
    "issues:issue-move": _move,
    "issues:issue-hand-over": lambda world, on: Example(
        "head", "issue", {"to_person": str(world.colleague.pk), "reason": "已经调走", "seen": "0"}
    ),
    "issues:extension-ask": _more_time,
    "issues:extension-decide": lambda world, on: Example(
        "office", "more_t", {"decision": "granted", "note": "同意"}
    ),
    "issues:milestone-report": lambda world, on: Example(
        "cadre", "milest", {"result": "办结 20 户，名单贴在公示栏。"}
    ),
    "issues:look-back-draw": lambda world, on: Example(
        "discipline", data={"percent": "10"}, prepare=_undrawn
    ),
    "issues:slip-search": lambda world, on: Example("cadre", data={"words": "材料"}),
    "issues:slip-step": lambda world, on: Example(
        "liaison", "slip_s", {"note": "收到", "seen": "0"}
    ),
    "issues:slip-file": lambda world, on: Example("head", "slip"),
    "issues:slip-raise": _new_slip,
    "issues:appeal-slip": lambda world, on: Example(
        "discipline",
        "appeal",
        {"request": "当面答复", "pace": "urgent", "token": str(uuid.UUID(int=8))},
    ),
    "issues:appeal-item": lambda world, on: Example(
        "liaison", "appeal", _issue_text(world) | _people(world) | {"appeals": [on["appeal"][0]]}
    ),
    "issues:unit-item-create": lambda world, on: Example(
        "liaison", "unit", _issue_text(world) | _people(world)
    ),
    "issues:unit-list-take-in": lambda world, on: Example(
        "liaison",
        "unit",
        {"unit_item": str(on["unit_i"][0]), "items": str(on["issue"][0])},
        prepare=lambda: Origin.objects.all().delete(),
    ),
    "issues:unit-list-freeze": lambda world, on: Example(
        "liaison", "unit", {"seen": _list_seen(world)}, prepare=_nothing_waits(world)
    ),
    "issues:list-confirm": lambda world, on: Example("head", "version", _version_seen(on)),
    "issues:list-return": lambda world, on: Example(
        "head", "version", _version_seen(on) | {"note": "第一条没写在哪里"}
    ),
    "issues:origin-remove": lambda world, on: Example("liaison", "origin"),
    "issues:issue-claim": lambda world, on: Example("head", "issue", _issue_text(world)),
    "issues:book-export": lambda world, on: Example("cadre", data={"campaign": world.campaign.pk}),
    "issues:book-page-export": lambda world, on: Example("cadre", "closed"),
    "issues:example-search": lambda world, on: Example("cadre", data={"words": "材料"}),
    "issues:example-choose": lambda world, on: Example(
        "office",
        "closed",
        dict.fromkeys(EXAMPLE_TEXT, "某某三天办结。") | {"is_checked": "on"},
        prepare=GoodExample.objects.all().delete,
    ),
    "issues:example-take-down": lambda world, on: Example("cadre", "closed"),
    "issues:evidence-replace": lambda world, on: Example(
        "cadre", "evidence", {"why": "更清楚"}, files={"file": _pdf("较新佐证.pdf")}
    ),
    "issues:evidence-take-back": lambda world, on: Example("cadre", "evidence", {"why": "传错了"}),
    "issues:evidence-add": lambda world, on: Example(
        "cadre", "issue", {"note": "照片"}, files={"file": _pdf("新佐证.pdf")}
    ),
    "evaluations:round-create": lambda world, on: Example(
        "office", data={"unit": world.unit.pk, "title": "新一轮", **_GROUPS}
    ),
    "evaluations:round-groups": lambda world, on: Example("office", "draft_r", dict(_GROUPS)),
    "evaluations:round-codes": lambda world, on: Example("office", "group", {"number": "3"}),
    "evaluations:round-open": lambda world, on: Example("office", "draft_r"),
    "evaluations:round-close": lambda world, on: Example("office", "open_r"),
    "evaluations:rate": _with_code,
    "evaluations:ballot": lambda world, on: _with_code(
        world, on, rectification=str(Grade.values[0]), style=str(Grade.values[1])
    ),
    "reports:progress-export": lambda world, on: Example(
        "office", data={"area": world.county.code, "format": "xlsx"}
    ),
    "reports:export-retry": lambda world, on: Example("office", "job"),
}
