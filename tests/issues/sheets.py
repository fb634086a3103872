"""What the tests of the ledger's import share: a clerk's workbook, and the way through."""

from collections.abc import Sequence
from datetime import timedelta

from core.uploads import Upload
from issues.models import LedgerUpload
from issues.services import request_import, upload_ledger
from issues.sheet.fields import WRITTEN
from issues.tasks import apply_ledger, check_ledger
from organisation.models import User
from tests.core.workbooks import workbook
from tests.personas import World

HEADINGS = [field.heading for field in WRITTEN]


def row(world: World, **changes: object) -> list[object]:
    """One concrete problem of the cadre; other columns by heading."""
    given = {
        "问题": "材料被搁置 9 天",
        "时间": world.today - timedelta(days=30),
        "地点": "窗口受理台",
        "事情经过": "群众来补办证明，我压了 9 天没有录入。",
        "类别": world.category.name,
        "作风上的原因": "觉得不是急件。",
        "根源": "没有限时办结的意识。",
        "整改方向": "当天录入、三天办结。",
        "整改措施": "每天下班前清一遍待办夹。",
        "时限": world.today + timedelta(days=20),
        "责任人": "甲cadre",
    } | changes
    return [given.get(heading, "") for heading in HEADINGS]


def sheet(*rows: Sequence[object]) -> bytes:
    return workbook([HEADINGS, *rows])


def check(world: World, content: bytes, actor: User | None = None) -> LedgerUpload:
    """Upload a ledger (the liaison does) and let the background check it."""
    made = upload_ledger(
        campaign=world.campaign,
        name="台账.xlsx",
        content=content,
        actor=User.objects.get(pk=(actor or world.liaison).pk),
    )
    check_ledger(job_id=str(made.job_id))
    return fresh(made)


def apply(upload: LedgerUpload) -> LedgerUpload:
    """Confirm it and let the background write it."""
    job = request_import(upload=upload, actor=upload.uploaded_by)
    apply_ledger(job_id=str(job.pk))
    return fresh(upload)


def brought_in(world: World, *rows: Sequence[object]) -> LedgerUpload:
    """The whole way, by the liaison."""
    return apply(check(world, sheet(*rows)))


def fresh(upload: Upload) -> LedgerUpload:
    """The upload as another request would read it."""
    return LedgerUpload.objects.select_related("job", "uploaded_by", "campaign").get(pk=upload.pk)


def faults(upload: LedgerUpload) -> list[tuple[object, ...]]:
    """Row, column and kind of each error."""
    return [tuple(error[:3]) for error in upload.report["errors"]]


def counts(upload: LedgerUpload) -> tuple[int, int, int]:
    """New, known and wrong rows."""
    return tuple(upload.report[word] for word in ("new", "known", "wrong"))
