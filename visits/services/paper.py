"""Visits of a member without a phone, brought in from paper: all of a file or nothing.

The rules are those of the page: the same days, outcomes and reasons, and a target of the
member's own teams. Who brought them in is kept with each; the member stays the author.
"""

import io
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from campaign.models import Campaign
from campaign.services import require_open
from core import audit
from core.columns import Field, RowError, in_order
from core.exports.marked import MarkedCopy
from core.files import FileGone, open_stored
from core.jobs import JobError, Running, cancel, request_job
from core.models import Job
from core.sheets.container import ordinary
from core.uploads import GONE, Flow, Outcome
from core.workbook import Layout, Row, WorkbookError, opened
from core.workbook import read_lines as lines_of
from organisation.models import User
from visits.choices import PaperFault
from visits.models import VisitUpload
from visits.queries.paper import targets_by_code, tokens_known
from visits.rules import enters_for
from visits.services.many_visits import PaperVisit, token_of, write_visits
from visits.sheet.fields import CODE, FIELDS, MAX_ROWS
from visits.sheet.reading import Line, Span, is_filled, read_lines

CHECK_PAPER, APPLY_PAPER = "visits.check_paper", "visits.apply_paper"
NOT_TO_ENTER = "只能补录同一支服务队队员的走访；联络员可以补录本单位队员的。"
NOTHING_FILLED = "表里没有填走访日期的行。请填好去过的再上传，没去的留空。"


@dataclass(frozen=True)
class PaperOutcome(Outcome):
    """What a file would add, or added."""

    new: tuple[PaperVisit, ...] = ()
    known: int = 0
    empty: int = 0

    @property
    def good(self) -> int:
        """How many rows hold no error."""
        return self.rows - self.wrong

    def counted(self) -> dict[str, object]:
        appeals = sum(len(visit.drafts) for visit in self.new)
        return {
            "new": len(self.new),
            "known": self.known,
            "empty": self.empty,
            "good": self.good,
            "appeals": appeals,
        }


class PaperFlow(Flow[VisitUpload, PaperOutcome]):
    """The visits of one author."""

    model = VisitUpload
    outcome = PaperOutcome
    max_rows = MAX_ROWS
    apply_task = APPLY_PAPER
    needs = ("campaign", "author")
    same = ("campaign", "author")
    act = "visits.upload_paper"
    errors_title = "走访补录（已标出问题）"
    not_ready = "这份走访记录还没有通过检查，或已经导入过了。"

    def require_right(self, actor: User) -> None:
        """Whether the person enters for just this author is asked with the upload."""

    def fields(self, upload: VisitUpload) -> Sequence[Field]:
        return FIELDS

    def request_check(self, upload: VisitUpload, actor: User) -> Job:
        title = "检查补录的走访"
        return request_job(kind=CHECK_PAPER, title=title, owner=actor, upload_id=upload.pk)

    def request_writing(self, upload: VisitUpload, actor: User) -> Job:
        title = "导入补录的走访"
        return request_job(kind=APPLY_PAPER, title=title, owner=actor, upload_id=upload.pk)

    def examine(self, upload: VisitUpload, rows: Sequence[Row]) -> PaperOutcome:
        _demand(upload)
        filled = [row for row in rows if is_filled(row)]
        if not filled:
            return PaperOutcome(problem=NOTHING_FILLED)
        of = upload.campaign
        lines, errors = read_lines(filled, Span(of.starts_on, of.ends_on, timezone.localdate()))
        visits, unknown = _found(upload, lines)
        known = tokens_known([visit.token for visit in visits])
        return PaperOutcome(
            rows=len(filled),
            errors=in_order([*errors, *unknown], FIELDS),
            new=tuple(visit for visit in visits if visit.token not in known),
            known=len(known),
            empty=len(rows) - len(filled),
        )

    def lock(self, upload: VisitUpload) -> None:
        """One import of an author at a time; single visits do not wait for it."""
        User.objects.select_for_update(no_key=True).get(pk=upload.author_id)

    def write(self, upload: VisitUpload, found: PaperOutcome, prepared: Any) -> None:
        try:
            require_open(upload.campaign_id)
        except PermissionDenied as why:
            raise JobError(f"没有导入：{why}") from why
        saved = write_visits(
            campaign=upload.campaign,
            author=upload.author,
            entered_by=upload.uploaded_by,
            visits=found.new,
            received_at=timezone.now(),
        )
        audit.record(
            actor=upload.uploaded_by,
            act="visits.enter_visits",
            subject=upload,
            person=upload.author_id,
            number=len(saved),
            known=found.known,
            sha256=upload.sha256,
        )

    def _finish(self, running: Running, found: PaperOutcome) -> None:
        """End the job; where something is wrong, with the file as it came and that marked."""
        if not found.errors:
            running.finish()
            return
        with tempfile.TemporaryFile() as copy:
            self._mark(self.of(running), found.errors, copy)
            copy.seek(0)
            running.finish(file=copy, file_name=f"{self.errors_title}.xlsx")

    def _mark(self, upload: VisitUpload, errors: Sequence[RowError], copy: Any) -> None:
        by_row: dict[int, list[RowError]] = {}
        for error in errors:
            by_row.setdefault(error.row, []).append(error)
        headings = [field.heading for field in FIELDS]
        optional = [field.heading for field in FIELDS if field.optional]
        with tempfile.TemporaryFile() as file:
            try:
                with open_stored(upload.file, of=upload, gone=GONE) as stored:
                    shutil.copyfileobj(stored, file)
                file.seek(0, io.SEEK_SET)
                with opened(file, ordinary()) as book:
                    reads = list(lines_of(book, Layout(headings, optional), max_rows=MAX_ROWS))
            except (FileGone, WorkbookError) as error:
                raise JobError(str(error)) from error
        width = max((len(read.line.cells) for read in reads), default=0)
        with MarkedCopy(copy, width) as marked:
            for read in reads:
                wrong = by_row.get(read.line.number, []) if read.row else []
                marked.line(read, wrong, [])


PAPER = PaperFlow()


@audit.atomic
def upload_paper(
    *, campaign: Campaign, author: User, name: str, content: bytes, actor: User
) -> VisitUpload:
    """Keep the file and ask for its check in the background; no visit is written yet.

    Raises WorkbookError for what is no plain .xlsx, PermissionDenied without the right.
    """
    require_open(campaign.pk)
    _require(actor, author, campaign)
    upload = VisitUpload(campaign=campaign, author=author)
    return PAPER.upload(upload, name=name, content=content, actor=actor)


@audit.atomic
def request_paper_import(*, upload: VisitUpload, actor: User) -> Job:
    """Ask for the import of a checked file; while one is under way that one is returned."""
    require_open(upload.campaign_id)
    _require(actor, upload.author, upload.campaign)
    return PAPER.request_apply(upload=upload, actor=actor)


@audit.atomic
def cancel_paper(*, upload: VisitUpload, actor: User) -> bool:
    """Stop the check or the import that is under way; whether there was one."""
    require_open(upload.campaign_id)
    _require(actor, upload.author, upload.campaign)
    return upload.job is not None and cancel(job=upload.job, actor=actor)


def still_enters(user: User, job: Job) -> bool:
    """Whether the person may have the marked copy of an upload, today."""
    upload = PAPER.model.objects.filter(pk=job.arguments["upload_id"]).first()
    return upload is not None and enters_for(user, upload.author, upload.campaign)


def _require(actor: User, author: User, campaign: Campaign) -> None:
    if not enters_for(actor, author, campaign):
        raise PermissionDenied(NOT_TO_ENTER)


def _demand(upload: VisitUpload) -> None:
    """Who has lost the right since the upload is told so in place of an error."""
    try:
        _require(upload.uploaded_by, upload.author, upload.campaign)
    except PermissionDenied as why:
        raise JobError(f"没有导入：{why}") from why


def _found(upload: VisitUpload, lines: Sequence[Line]) -> tuple[list[PaperVisit], list[RowError]]:
    """The lines with their targets; what is none of the author's, or stands twice, is wrong."""
    wanted = {(line.kind, line.code) for line in lines}
    targets = targets_by_code(upload.author, upload.campaign, wanted)
    visits: dict[Any, PaperVisit] = {}
    errors: list[RowError] = []
    for line in lines:
        target = targets.get((line.kind, line.code))
        if target is None:
            text = f"{upload.author.name}的服务队没有包联编号「{line.code}」的{line.kind.label}"
            errors.append(RowError(line.row, CODE.heading, PaperFault.TARGET, text))
            continue
        token = token_of(upload.campaign, upload.author, target, line)
        if token in visits:
            text = f"与第 {visits[token].line.row} 行完全相同，请删去一行"
            errors.append(RowError(line.row, CODE.heading, PaperFault.REPEATED, text))
        else:
            visits[token] = PaperVisit(line, target, token)
    return list(visits.values()), errors
