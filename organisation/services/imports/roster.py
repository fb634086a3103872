"""The roster from a workbook: people come, move, change and leave, all or nothing."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from core import audit
from core.columns import Field, in_order
from core.hashers import hash_of_initial
from core.jobs import JobError, Running, request_job
from core.models import Job
from core.uploads import Flow, Handed, Outcome, Outrun
from core.workbook import Row
from organisation.choices import Role
from organisation.models import Grant, Posting, RosterUpload, SecurityPolicy, Unit, User
from organisation.passwords import readable
from organisation.queries.roster import directory_for, people_named
from organisation.roster.comparison import Act, Step, compare
from organisation.roster.fields import MAX_ROWS, ROSTER_FIELDS
from organisation.roster.people import Entry, read_people
from organisation.roster.telling import told
from organisation.rules import keeps_roster
from organisation.services.people import correct_person, retire
from organisation.services.postings import change_posting, move_person
from organisation.services.refused import Refused
from organisation.services.tree import hold_tree

CHECK, APPLY = "organisation.check_roster", "organisation.apply_roster"
SHOWN_STEPS = 300
BATCH = 500
HELD_PER_QUERY = 900  # SQLite takes 999 parameters
TAKES_TIME = {Act.MOVE, Act.RETIRE, Act.CHANGE}  # one by one, all in one transaction
MOST_CHANGES = 1_000
TOO_MANY_CHANGES = (
    f"一次最多办理 {MOST_CHANGES:,} 人的调动、改任和离任，以免长时间占用系统。请分成几个文件导入。"
)
ORDER = (Act.MOVE, Act.RETIRE, Act.CHANGE, Act.CORRECT, Act.CREATE)  # of interest to who confirms


@dataclass(frozen=True)
class Slip:
    """What a new person is handed on paper; the only place of the plain password."""

    name: str
    unit: str
    login: str
    password: str
    valid_until: date


DrawSlips = Callable[[Sequence[Slip], str, Callable[[int, int], None]], Handed]


@dataclass(frozen=True)
class Prepared:
    """Hashes for those who were new when it was prepared, and their slips."""

    people: Mapping[str, tuple[str, int]]
    hashes: Mapping[str, str]
    slips: Handed | None


@dataclass(frozen=True)
class RosterOutcome(Outcome):
    """What a roster would do, or did."""

    steps: tuple[Step, ...] = ()
    told: tuple[list[object], ...] = ()

    def numbers(self) -> dict[str, object]:
        number = Counter(step.act for step in self.steps)
        touched = len({step.entry.row for step in self.steps})
        counts: dict[str, object] = {act.value: number[act] for act in Act}
        return counts | {"unchanged": self.rows - self.wrong - touched}

    def counted(self) -> dict[str, object]:
        return {**self.numbers(), "steps": list(self.told)}

    def of(self, act: Act) -> list[Step]:
        return [step for step in self.steps if step.act is act]


class RosterFlow(Flow[RosterUpload, RosterOutcome]):
    """The people of the keeper's units; whom the file leaves out is left alone.

    ``draw`` sets the slips of new people; the task brings it, since setting a PDF is no
    matter of a service.
    """

    model = RosterUpload
    outcome = RosterOutcome
    max_rows = MAX_ROWS
    apply_task = APPLY
    act = "organisation.upload_roster"
    errors_title = "花名册错误清单"
    not_ready = "这份花名册还没有通过检查，或已经导入过了。"

    def __init__(self, draw: DrawSlips | None = None) -> None:
        self.draw = draw

    def require_right(self, actor: User) -> None:
        if not keeps_roster(actor):
            raise PermissionDenied("只有作风办和单位联络员可以导入花名册。")

    def fields(self, upload: RosterUpload) -> Sequence[Field]:
        return ROSTER_FIELDS

    def request_check(self, upload: RosterUpload, actor: User) -> Job:
        return request_job(kind=CHECK, title="检查花名册", owner=actor, upload_id=upload.pk)

    def request_writing(self, upload: RosterUpload, actor: User) -> Job:
        return request_job(kind=APPLY, title="导入花名册", owner=actor, upload_id=upload.pk)

    def examine(self, upload: RosterUpload, rows: Sequence[Row]) -> RosterOutcome:
        keeper, today = upload.uploaded_by, timezone.localdate()
        directory = directory_for(keeper)
        entries, errors = read_people(rows, directory, today)
        people = people_named([entry.login for entry in entries], keeper)
        steps, faults = compare(entries, people, directory, importer=keeper.pk, today=today)
        if sum(step.act in TAKES_TIME for step in steps) > MOST_CHANGES:
            return RosterOutcome(rows=len(rows), problem=TOO_MANY_CHANGES)
        shown = sorted(steps, key=lambda step: (ORDER.index(step.act), step.entry.row))
        return RosterOutcome(
            rows=len(rows),
            errors=in_order([*errors, *faults], ROSTER_FIELDS),
            steps=tuple(steps),
            told=tuple(told(step, directory, today) for step in shown[:SHOWN_STEPS]),
        )

    def prepare(self, upload: RosterUpload, rows: Sequence[Row], running: Running) -> Prepared:
        """Passwords, their hashes and the slips of those who are new at this moment."""
        found = self.examine(upload, rows)
        new = [step.entry for step in found.of(Act.CREATE)] if found.is_sound else []
        passwords = {entry.login: new_password() for entry in new}
        hashes = {}
        for done, (login, password) in enumerate(passwords.items(), start=1):
            hashes[login] = hash_of_initial(password)
            if done % BATCH == 0:
                running.keep_alive()
        slips = self._slips(upload, new, passwords, running) if new and self.draw else None
        return Prepared({entry.login: (entry.name, entry.unit_id) for entry in new}, hashes, slips)

    def _slips(
        self,
        upload: RosterUpload,
        new: Sequence[Entry],
        passwords: Mapping[str, str],
        running: Running,
    ) -> Handed:
        assert self.draw
        days = SecurityPolicy.objects.in_force().initial_password_days
        until = timezone.localdate() + timedelta(days=days)
        names = dict(Unit.objects.values_list("pk", "name"))
        order = sorted(new, key=lambda entry: (names[entry.unit_id], entry.row))
        slips = [
            Slip(entry.name, names[entry.unit_id], entry.login, passwords[entry.login], until)
            for entry in order
        ]
        return self.draw(slips, upload.site, running.progress)

    def lock(self, upload: RosterUpload) -> None:
        """No unit is closed meanwhile, and no other roster is written."""
        hold_tree()

    def write(self, upload: RosterUpload, found: RosterOutcome, prepared: Any) -> Handed | None:
        new = [step.entry for step in found.of(Act.CREATE)]
        if {entry.login: (entry.name, entry.unit_id) for entry in new} != prepared.people:
            raise Outrun
        keeper = upload.uploaded_by
        _enrol(new, prepared.hashes, keeper)
        people = _held_people([step for step in found.steps if step.present])
        units = _units_of(found.of(Act.MOVE))
        for step in found.steps:
            if step.present:
                _take(step, people[step.present.pk], units, keeper)
        audit.record(
            actor=keeper,
            act="organisation.import_roster",
            subject=upload,
            sha256=upload.sha256,
            **found.numbers(),
        )
        slips: Handed | None = prepared.slips
        return slips


ROSTER = RosterFlow()


def upload_roster(*, name: str, content: bytes, site: str, actor: User) -> RosterUpload:
    """Keep the file and ask for its check; nothing is written yet.

    Raises WorkbookError for what is no plain .xlsx, PermissionDenied without the right.
    """
    return ROSTER.upload(RosterUpload(site=site), name=name, content=content, actor=actor)


def new_password() -> str:
    """80 random bits, as the quick hash of many passwords at once asks for."""
    return "-".join(readable(4) for _ in range(4))


def _enrol(entries: Sequence[Entry], hashes: Mapping[str, str], keeper: User) -> None:
    """New people with their postings and rights in a few statements, each audited.

    What ``services.people.enrol`` asks one by one has been asked of the whole file.
    """
    now, today = timezone.now(), timezone.localdate()
    people = [
        User(
            username=entry.login,
            name=entry.name,
            phone=entry.phone,
            unit_id=entry.unit_id,
            password=hashes[entry.login],
            password_is_initial=True,
            password_set_at=now,
        )
        for entry in entries
    ]
    User.objects.bulk_create(people, batch_size=BATCH)
    pairs = list(zip(people, entries, strict=True))
    Posting.objects.bulk_create(
        [
            Posting(
                user=person,
                unit_id=entry.unit_id,
                position=entry.position,
                tier=entry.tier,
                since=entry.since or today,
                **dict.fromkeys(entry.powers, True),
            )
            for person, entry in pairs
        ],
        batch_size=BATCH,
    )
    Grant.objects.bulk_create(
        [
            Grant(
                user=person,
                role=Role.CADRE,
                unit_id=entry.unit_id,
                since=today,
                granted_by=keeper,
            )
            for person, entry in pairs
        ],
        batch_size=BATCH,
    )
    for person, entry in pairs:
        audit.record(
            actor=keeper,
            act="organisation.enrol",
            subject=person,
            username=entry.login,
            unit=entry.unit_id,
            position=entry.position,
            tier=str(entry.tier),
            powers=sorted(entry.powers),
            since=str(entry.since or today),
            role=Role.CADRE,
        )


def _held_people(steps: Sequence[Step]) -> dict[int, User]:
    """The people of the steps, all held at once and in one order, so that two that write
    on several of them do not wait for each other."""
    keys = sorted({step.present.pk for step in steps if step.present})
    found: dict[int, User] = {}
    for start in range(0, len(keys), HELD_PER_QUERY):
        rows = User.objects.filter(pk__in=keys[start : start + HELD_PER_QUERY])
        held = rows.select_for_update(no_key=True).order_by("pk")
        found |= {person.pk: person for person in held}
    return found


def _units_of(moves: Sequence[Step]) -> dict[int, Unit]:
    """The units that people are moved to, with their areas; one query."""
    wanted = {step.entry.unit_id for step in moves}
    units = Unit.objects.select_related("area") if wanted else Unit.objects.none()
    return {unit.pk: unit for unit in units if unit.pk in wanted}


def _take(step: Step, person: User, units: Mapping[int, Unit], keeper: User) -> None:
    """One act on somebody who is there. Raises JobError, so that nothing is written."""
    entry, on = step.entry, step.entry.since or timezone.localdate()
    office = {"position": entry.position, "tier": entry.tier, "powers": entry.powers}
    try:
        if step.act is Act.MOVE:
            unit = units[entry.unit_id]
            move_person(user=person, unit=unit, on=on, actor=keeper, **office)  # type: ignore[arg-type]
        elif step.act is Act.CHANGE:
            change_posting(user=person, on=on, actor=keeper, **office)  # type: ignore[arg-type]
        elif step.act is Act.RETIRE:
            retire(user=person, on=timezone.localdate(), actor=keeper)
        else:
            phone = entry.phone or None
            correct_person(user=person, name=entry.name, phone=phone, actor=keeper)
    except Refused as why:
        raise JobError(f"没有写入：第 {entry.row} 行，{why}") from why
