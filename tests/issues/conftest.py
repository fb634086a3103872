"""Items on their way, evidence, and browsers."""

import io
from collections.abc import Collection

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from core.files import CheckedFile, check_upload
from issues.choices import SETTLED, State
from issues.models import Evidence, Issue, ListVersion, SignOff
from issues.queries.lists import fingerprint, items_of_list
from issues.services import add_evidence, confirm_list, freeze_list, write_unit_item
from organisation.models import User
from tests.personas import World
from tests.threads import shared_database

__all__ = ["shared_database"]

NOTE = "已当天录入，窗口公示了时限。"
WAY = {  # the whole way of a personal item: who takes which step
    "submit": "cadre",
    "confirm": "head",
    "file": "office",
    "apply": "cadre",
    "unit_sign": "head",
    "sign_off": "discipline",
}
UNIT_WAY = {  # that of an item of the unit, once its list is confirmed
    "file": "office",
    "apply": "colleague",
    "unit_sign": "head",
    "office_pass": "office",
    "sign_off": "discipline",
}


def picture(shade: int = 1) -> bytes:
    """A small picture; another shade is another file."""
    content = io.BytesIO()
    Image.new("RGB", (32, 32), (shade * 16 % 256, 40, 80)).save(content, "PNG")
    return content.getvalue()


def upload(shade: int = 1, name: str = "公示栏.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture(shade), "image/png")


def checked(shade: int = 1) -> CheckedFile:
    return check_upload(upload(shade))


def prove(issue: Issue, actor: User, shade: int = 1) -> Evidence:
    return add_evidence(issue=issue, actor=actor, file=checked(shade))


def take(world: World, issue: Issue, name: str, actor: User | None = None) -> Issue:
    """One step with a note, by whoever usually takes it."""
    return world.move(issue, name, actor or getattr(world, WAY[name]), NOTE)


def put_in(issue: Issue, state: State, signer: User, **more: object) -> None:
    """Into a state without the way there; signed off by the signer where that belongs to it."""
    settled = state in SETTLED
    if settled:
        SignOff.objects.create(
            issue=issue, signer=signer, responsible_id=issue.responsible_id, version=1, evidence=[]
        )
    Issue.objects.filter(pk=issue.pk).update(
        state=state,
        closed_at=timezone.now() if settled else None,
        signed_off_by=signer if settled else None,
        **more,
    )
    issue.refresh_from_db()


def brought_to(world: World, until: str, issue: Issue | None = None) -> Issue:
    """A personal item taken along the usual way up to and with one step."""
    issue = issue or world.issue()
    for name, who in WAY.items():
        if name == "apply":
            prove(issue, issue.author)
        take(world, issue, name, issue.author if who == "cadre" else None)
        if name == until:
            return issue
    raise AssertionError(until)


def unit_item(world: World, origins: Collection[Issue] = (), **changes: object) -> Issue:
    """A draft of the unit, written by its liaison; the colleague answers for it."""
    people = {"leader": world.head, "responsible": world.colleague}
    return write_unit_item(
        campaign=world.campaign,
        unit=world.unit,
        author=world.liaison,
        category=world.category,
        text=world.text(**people, **changes),
        origins=origins,
    )


def frozen(world: World) -> ListVersion:
    """The unit's list as it stands, frozen by the liaison."""
    seen = fingerprint(list(items_of_list(world.campaign, world.unit)))
    return freeze_list(campaign=world.campaign, unit=world.unit, actor=world.liaison, seen=seen)


def confirmed(world: World) -> ListVersion:
    """The same, with the head's assent."""
    version = frozen(world)
    return confirm_list(version=version, actor=world.head, seen=version.sha256)


def unit_item_brought_to(world: World, until: str) -> Issue:
    """An item of the unit taken along the usual way up to and with one step."""
    issue = unit_item(world)
    if until in {"submit", "confirm"}:
        (frozen if until == "submit" else confirmed)(world)
        issue.refresh_from_db()
        return issue
    confirmed(world)
    issue.refresh_from_db()
    for name, who in UNIT_WAY.items():
        if name == "apply":
            prove(issue, world.colleague)
        take(world, issue, name, getattr(world, who))
        if name == until:
            return issue
    raise AssertionError(until)


@pytest.fixture
def browser_of(world: World) -> dict[str, Client]:
    """A browser for everybody, by name."""
    return {name: world.client(who) for name, who in people(world).items()}


def people(world: World) -> dict[str, User]:
    """Everybody of the small city, by name."""
    return {name: who for name, who in vars(world).items() if isinstance(who, User)}
