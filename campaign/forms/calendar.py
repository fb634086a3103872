"""Forms on the official calendar."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from core.calendar_year import YearDay, exceptions_of, whole_year
from core.calendars import Stamp
from core.forms import AppForm, DateInput
from core.workdays import FIRST_YEAR, LAST_YEAR
from organisation.models import User

LONGEST_CLOSURE = 62  # days that are closed at once
CONFIRM_WITHIN = timedelta(hours=1)
SALT = "campaign.calendar"
NO_SUCH_YEAR = f"请填 {FIRST_YEAR} 至 {LAST_YEAR} 之间的年份。"
OUT_OF_RANGE = f"请填 {FIRST_YEAR} 至 {LAST_YEAR} 年之间的日期。"


class NoticeForm(AppForm):
    """A year's notice as a file."""

    submit_label = "上传并检查"
    file_name = ""

    year = forms.IntegerField(
        label="年份",
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        error_messages=dict.fromkeys(("min_value", "max_value"), NO_SUCH_YEAR),
    )
    source = forms.CharField(
        label="依据", max_length=120, help_text="通知的名称或文号，如「国办发明电〔2026〕9号」。"
    )
    file = forms.FileField(
        label="Excel 或 CSV 文件",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text="全年每一天一行。先检查、看清楚会改动哪些天，确认后才生效。",
        error_messages={"empty": "文件是空的，请重新选择。", "required": "请选择要上传的文件。"},
    )

    def clean_file(self) -> bytes:
        """The content of the file."""
        upload: UploadedFile = self.cleaned_data["file"]
        if (upload.size or 0) > settings.UPLOAD_MAX_BYTES:
            limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
            raise ValidationError(f"文件超过 {limit} MB，请检查是不是选错了文件。")
        self.file_name = upload.name or ""
        return upload.read()


@dataclass(frozen=True)
class Checked:
    """A year's notice that somebody has been shown, with the state of the table at that time."""

    year: int
    source: str
    days: list[YearDay]
    seen: Stamp

    def sealed(self, user: User) -> str:
        """For the page that asks for confirmation; good for this person and an hour."""
        days = [[str(row.day), row.is_workday, row.note] for row in exceptions_of(self.days)]
        paper = [user.pk, self.year, self.source, days, asdict(self.seen)]
        return signing.dumps(paper, salt=SALT, compress=True)


class LandForm(forms.Form):
    """What the person has seen and now confirms."""

    checked = forms.CharField(error_messages={"required": "请先上传文件并检查。"})

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_checked(self) -> Checked:
        """The notice as it was shown to this person. Refuses what is changed, foreign or old."""
        try:
            key, year, source, rows, seen = signing.loads(
                self.cleaned_data["checked"], salt=SALT, max_age=CONFIRM_WITHIN
            )
        except signing.BadSignature as error:
            raise ValidationError("确认页面已过期，请重新上传文件。") from error
        if key != self.user.pk:
            raise ValidationError("这是别人检查过的文件，请自己重新上传。")
        days = [YearDay(date.fromisoformat(day), works, note) for day, works, note in rows]
        return Checked(year, source, whole_year(year, days), Stamp(**seen))


class ClosureForm(AppForm):
    """Days on which nobody works, and why."""

    submit_label = "先看影响"

    since = forms.DateField(label="从", widget=DateInput())
    until = forms.DateField(
        label="到", widget=DateInput(), help_text="只停一天的，两个日期填同一天。"
    )
    reason = forms.CharField(
        label="理由", max_length=80, help_text="如「台风红色预警，全市停工停课」。所有人都能看到。"
    )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        since, until = data.get("since"), data.get("until")
        if since and until:
            if not FIRST_YEAR <= since.year <= until.year <= LAST_YEAR:
                raise ValidationError(OUT_OF_RANGE if since <= until else "「到」不能早于「从」。")
            if until < since:
                raise ValidationError("「到」不能早于「从」。")
            if (until - since).days >= LONGEST_CLOSURE:
                raise ValidationError(f"一次最多登记 {LONGEST_CLOSURE} 天，请分几次登记。")
        return data

    @property
    def days(self) -> list[date]:
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        return [since + timedelta(days=n) for n in range((until - since).days + 1)]


class ReopenForm(forms.Form):
    """A closed day that is worked after all."""

    day = forms.DateField()
    reason = forms.CharField(max_length=80, required=False)
