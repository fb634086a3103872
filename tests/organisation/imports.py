"""What the tests of imports share: workbooks as a clerk makes them, and the way through."""

from collections.abc import Sequence

from core.models import Job
from core.uploads import Upload
from organisation.models import RosterUpload, UnitUpload, User
from organisation.roster.fields import ROSTER_FIELDS, UNIT_FIELDS
from organisation.services.imports import ROSTER, UNITS, upload_roster, upload_units
from organisation.tasks import apply_roster, apply_units, check_roster, check_units
from tests.core.workbooks import workbook

HEADINGS = [field.heading for field in ROSTER_FIELDS]
UNIT_HEADINGS = [field.heading for field in UNIT_FIELDS]
SITE = "https://bf.example"
ORDINARY, KEY_POST = "普通党员干部", "关键岗位干部"


def row(login: str, name: str, unit: str, position: str = "科员", **others: object) -> list[object]:
    """One line of a roster; the other columns by heading."""
    given = {"人员类别": ORDINARY} | others
    first = [login, name, unit, position]
    return [*first, *(given.get(heading, "") for heading in HEADINGS[4:])]


def roster(*rows: Sequence[object]) -> bytes:
    return workbook([HEADINGS, *rows])


def unit_list(*rows: Sequence[object]) -> bytes:
    return workbook([UNIT_HEADINGS, *rows])


def check(content: bytes, actor: User) -> RosterUpload:
    """Upload a roster and let the background check it."""
    made = upload_roster(name="花名册.xlsx", content=content, site=SITE, actor=actor)
    check_roster(job_id=str(made.job_id))
    return fresh(made)


def apply(upload: RosterUpload) -> RosterUpload:
    """Confirm it and let the background write it."""
    job = ROSTER.request_apply(upload=upload, actor=upload.uploaded_by)
    apply_roster(job_id=str(job.pk))
    return fresh(upload)


def check_list(content: bytes, actor: User) -> UnitUpload:
    made = upload_units(name="单位.xlsx", content=content, actor=actor)
    check_units(job_id=str(made.job_id))
    return fresh(made)


def apply_list(upload: UnitUpload) -> UnitUpload:
    job = UNITS.request_apply(upload=upload, actor=upload.uploaded_by)
    apply_units(job_id=str(job.pk))
    return fresh(upload)


def fresh(upload: Upload):
    """The upload as another request would read it, with its job and its uploader's rights."""
    return type(upload).objects.select_related("job", "uploaded_by").get(pk=upload.pk)


def job_of(upload: Upload) -> Job:
    return Job.objects.get(pk=upload.job_id)


def counts(upload: Upload) -> dict[str, int]:
    """The numbers of the report that are not nought."""
    words = ("created", "moved", "changed", "corrected", "retired", "unchanged", "wrong")
    return {word: upload.report[word] for word in words if upload.report.get(word)}


def faults(upload: Upload) -> list[tuple[object, ...]]:
    """Row, column and kind of each error."""
    return [tuple(error[:3]) for error in upload.report["errors"]]


def texts(upload: Upload) -> list[str]:
    return [error[3] for error in upload.report["errors"]]
