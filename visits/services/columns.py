"""What the columns of an uploaded register are, told by its uploader and remembered."""

from collections.abc import Sequence

from django.utils import timezone

from campaign.services import Refused, require_open
from core import audit
from organisation.models import User
from visits.choices import TargetKind
from visits.models import ColumnChoice, RegisterUpload
from visits.register.columns import faults_of, kept
from visits.services.upload import REGISTER

TOO_LATE = "这份文件正在检查，或者已经处理完了，不能再改列。请刷新后看看结果。"
INCOMPLETE = "必填的列没有选全，或有一列选了两次，没有保存。"


@audit.atomic
def choose_columns(
    *,
    upload: RegisterUpload,
    sheet: int,
    row: int,
    columns: Sequence[str],
    actor: User,
    seen: str,
) -> None:
    """Remember what the columns under a row of headings are, and check the file again.

    ``sheet`` and ``row`` count the first rows that were kept; ``seen`` is the job whose result
    the person looked at: of two answers to it one is taken. The choice holds for every later
    file of the campaign and register that has this row. Raises Refused.
    """
    require_open(upload.campaign_id)
    REGISTER.require_right(actor)
    rows = RegisterUpload.objects.select_for_update(of=("self",)).select_related("job")
    now = rows.get(pk=upload.pk)
    if not now.may_choose_columns or str(now.job_id or "") != seen:
        raise Refused(TOO_LATE)
    kind = TargetKind(now.kind)
    try:
        head = kept(now.first_rows.open())[sheet].rows[row]
    except IndexError as error:
        raise Refused(TOO_LATE) from error
    if any(faults_of(kind, columns)):
        raise Refused(INCOMPLETE)
    ColumnChoice.objects.update_or_create(
        campaign_id=now.campaign_id,
        kind=kind,
        fingerprint=head.fingerprint,
        defaults={"columns": list(columns), "chosen_by": actor, "chosen_at": timezone.now()},
    )
    audit.record(actor=actor, act="visits.choose_columns", subject=now)
    REGISTER.check_again(upload=now, actor=actor)
