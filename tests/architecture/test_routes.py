"""Every address tried by every person, against the table in routes.py."""

import io
import re
import uuid
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from core import jobs, notices
from core.files import check_upload
from core.jobs import request_job
from core.models import Job, Notice
from core.notices import Message
from evaluations.choices import RaterGroup
from evaluations.services import close_round, create_round, open_round
from issues.services import add_evidence
from organisation.choices import Role
from organisation.models import User
from organisation.services import retire
from organisation.services.imports import roster, upload_roster, upload_units
from reports.services import PROGRESS_KIND
from tests.architecture.packages import ROOT
from tests.architecture.routes import PERSONAS, cells, rows
from tests.core.workbooks import workbook
from tests.personas import World
from visits.choices import Outcome, TargetKind, Way
from visits.services import record_visit, upload_register

INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)[^>]*>", re.I)
INLINE_STYLE = re.compile(r"<style\b|<[^>]*\s(?:style|on[a-z]+)=", re.I)
FORM = "application/x-www-form-urlencoded"
SPRITE = re.compile(r"icons\.svg#([\w-]+)")


def url_names() -> set[str]:
    names: set[str] = set()
    for entry in get_resolver().url_patterns:
        assert isinstance(entry, URLResolver), f"{entry} stands outside an app"
        names |= {f"{entry.app_name}:{pattern.name}" for pattern in entry.url_patterns}
    return names


def test_every_address_stands_in_the_table() -> None:
    assert {route for route, *_ in rows()} == url_names()


def test_the_matrix_is_large() -> None:
    """Persona × route × method; it grows with every address."""
    assert len(cells()) * len(PERSONAS) >= 2_000


@dataclass
class Objects:
    """What the addresses are about; each method builds the arguments of ``reverse``."""

    world: World

    def build(self) -> dict[str, tuple[object, ...]]:
        issue, evidence = self.issue_being_rectified()
        job = self.finished_job()
        draft = self.round("第一轮")
        opened = self.round("第二轮", steps=1)
        closed = self.round("第三轮", steps=2)
        target = self.world.households(1)[0]
        return {
            "-": (),
            "notice": (self.notice().pk,),
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
            "visit": (self.visit().pk,),
            "kind": ("household",),
            "session": ("of-somebody-else",),
            "upload": (self.upload().pk,),
            "issue": (issue.pk,),
            "draft": (self.world.issue().pk,),
            "move": (issue.pk, "apply"),
            "evidence": (issue.pk, evidence.pk),
            "draft_r": (draft.pk,),
            "open_r": (opened.pk,),
            "closed_r": (closed.pk,),
            "group": (draft.pk, RaterGroup.PEER),
        }

    def retired(self) -> User:
        world = self.world
        person = world.person(
            f"retired_of_{world.unit.pk}", world.unit, Role.CADRE, unit=world.unit
        )
        return retire(user=person, on=world.today - timedelta(days=1), actor=None)

    def notice(self) -> Notice:
        notices.send([Message("a", self.world.cadre.pk, "退回意见", url="/issues/")])
        return Notice.objects.get(event="a", person=self.world.cadre)

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

    def upload(self) -> object:
        return upload_register(
            campaign=self.world.campaign,
            kind=TargetKind.HOUSEHOLD,
            name="群众.xlsx",
            content=workbook([["编号", "户主"]]),
            actor=self.world.office,
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
        file = check_upload(SimpleUploadedFile("佐证.pdf", b"%PDF-1.7"))
        return issue, add_evidence(issue=issue, actor=world.cadre, file=file)

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


@pytest.fixture
def addresses(world: World) -> list[tuple[str, str, str, dict[str, int]]]:
    """The table's rows as (row's name, address, method, status by person)."""
    objects = Objects(world).build()
    return [
        (f"{method} {route} {on}", reverse(route, args=objects[on]), method, expected)
        for route, on, method, expected in cells()
    ]


def client_of(world: World, persona: str) -> Client:
    return Client() if persona == "anonymous" else world.client(getattr(world, persona))


def ask(client: Client, method: str, address: str) -> HttpResponse:
    """The answer to one request, whose effects are undone at once, in the browser too."""
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    with transaction.atomic():
        response = client.generic(method, address, content_type=FORM)
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    return response


@pytest.mark.parametrize("persona", PERSONAS)
def test_everybody_gets_what_the_table_says(
    world: World, addresses: list[tuple[str, str, str, dict[str, int]]], persona: str
) -> None:
    wrong = {}
    client = client_of(world, persona)
    for name, address, method, expected in addresses:
        response = ask(client, method, address)
        if response.status_code != expected[persona]:
            wrong[name] = f"{response.status_code} instead of {expected[persona]}"
    assert wrong == {}


def test_without_sign_in_every_way_leads_to_the_login(
    addresses: list[tuple[str, str, str, dict[str, int]]],
) -> None:
    """302 alone would not say where to; second steps begin at their own first page."""
    astray = {}
    for name, address, method, expected in addresses:
        response = ask(Client(), method, address)
        if expected["anonymous"] == 302 and not response["Location"].startswith("/login/?next="):
            astray[name] = response["Location"]
    assert astray == {
        "GET evaluations:ballot -": "/rate/",
        "GET organisation:login-code -": "/login/?why=code",
        "POST organisation:login-code -": "/login/?why=code",
    }


def test_pages_hold_nothing_that_the_browser_refuses(
    world: World, addresses: list[tuple[str, str, str, dict[str, int]]]
) -> None:
    """What forms, tags and packages add is seen only in the page itself."""
    known = (ROOT / "static" / "icons.txt").read_text().split()
    faults: dict[str, set[str]] = {}
    for persona in ("anonymous", "cadre", "office", "system_admin"):
        client = client_of(world, persona)
        for name, address, method, expected in addresses:
            if expected[persona] not in {200, 422}:
                continue
            response = ask(client, method, address)
            if response.streaming or "text/html" not in response.get("Content-Type", ""):
                continue
            page = response.content.decode()
            found = set(INLINE_SCRIPT.findall(page)) | set(INLINE_STYLE.findall(page))
            found |= set(SPRITE.findall(page)) - set(known)
            if found:
                faults[f"{persona}: {name}"] = found
    assert faults == {}
