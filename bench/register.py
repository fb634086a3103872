"""Imports a register of households and prints what it took, as JSON.

Started by bench/run.py in an environment of its own. The yardstick is the reading of the same
file by python-calamine and the bare insert of the same rows, sealed before. Each step runs in a
process of its own, whose largest memory is told. django-import-export gets the first of the
rows only: it is measured by the row.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

from bench.register_file import (
    VILLAGES_PER_TOWNSHIP,
    households,
    village_code,
    villages,
    write,
)

COMPARED = 2_000  # rows that django-import-export gets
OTHERS = ("as the import", "only adding")  # finding what is there already, or blind to it
BATCH = 10_000


def main(rows: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings

    folder = Path(settings.VAR_DIR)
    file, few = folder / "register.xlsx", folder / "few.xlsx"
    write(rows, file)
    write(COMPARED, few)
    _county(rows)
    calamine = _step("calamine", str(file))
    insert = _step("insert", str(rows))
    upload = _step("upload", str(file))
    check = _step("check", str(int(upload["key"])))
    apply = _step("apply", str(int(upload["key"])))
    again = _step("check", str(int(_step("upload", str(file))["key"])))
    others = {name: _step("other", str(few), name) for name in OTHERS}
    assert apply["new"] == rows, apply
    assert again["new"] == 0, again
    assert again["known"] == rows, again
    steps = {
        "calamine": calamine,
        "bare insert": insert,
        "check": check,
        "import": apply,
        "check of the same again": again,
    }
    print(
        json.dumps(
            {
                "rows": rows,
                "file, MB": file.stat().st_size / 2**20,
                "calamine, MB": calamine["megabytes"],
                "check, MB": check["megabytes"],
                "import, MB": apply["megabytes"],
                "import, rows/s": rows / apply["seconds"],
                **_compared("by the clock", "seconds", steps),
                **_compared("of the process", "cpu", steps),
                **_against(others, apply, rows),
            }
        )
    )


Step = dict[str, float]


def _compared(what: str, by: str, steps: dict[str, Step]) -> dict[str, float]:
    """Seconds of each step, and how much more than the yardstick the import takes."""
    took = {name: step[by] for name, step in steps.items()}
    floor = took["calamine"] + took["bare insert"]
    return {f"{name}, s {what}": seconds for name, seconds in took.items()} | {
        f"import / (calamine + insert) {what}": took["import"] / floor,
        f"check + import / the same {what}": (took["check"] + took["import"]) / floor,
    }


def _against(others: dict[str, Step], apply: Step, rows: int) -> dict[str, float]:
    """How many times as long django-import-export takes for a row."""
    return {
        f"django-import-export, {name}, {what}": (other[by] / COMPARED) / (apply[by] / rows)
        for name, other in others.items()
        for what, by in (("by the clock", "seconds"), ("of the process", "cpu"))
    }


def _county(rows: int) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from campaign.services import create_campaign
    from organisation.models import Grant, Unit, User
    from tests.stages import four_stages

    city = _area("371500000000", "聊城市", "city", None)
    county = _area("371502000000", "东昌府区", "county", city)
    for place in range(villages(rows)):
        if place % VILLAGES_PER_TOWNSHIP == 0:
            code = village_code(place)[:9]
            town = _area(f"{code}000", f"乡镇{code}", "township", county)
        _area(village_code(place), f"村{place}", "village", town)
    unit = Unit.objects.create(name="作风办", kind="department", area=city, path="/1/")
    office = User.objects.create(username="office", name="作风办", unit=unit)
    today = timezone.localdate()
    Grant.objects.create(user=office, role="office", since=today, area=city)
    stages = four_stages(today - timedelta(9), today + timedelta(90))
    create_campaign(name="三遍访", area=city, organiser="市作风办", stages=stages, lists=[])


def _area(code, name, level, parent):  # type: ignore[no-untyped-def]
    from organisation.models import Area

    made = Area.objects.create(code=code, name=name, level=level, parent=parent, path="")
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save()
    return made


def _step(name: str, *arguments: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.register", "step", name, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{name} failed:\n{done.stdout}{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def step(name: str, *arguments: str) -> None:
    """One step, in this process; prints its seconds, its memory and what it found."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if name != "calamine":
        django.setup()
    timed, found = _STEPS[name](*arguments)
    memory = _peak() / 1024
    print(json.dumps({"seconds": timed[0], "cpu": timed[1], "megabytes": memory} | found))


def _peak() -> int:
    """Kilobytes of this program at most; what getrusage tells begins with its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


Timed = tuple[float, float]  # by the clock, and of this process alone


def _timed(work: Callable[[], object]) -> Timed:
    begin, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begin, time.process_time() - busy


def _calamine(file: str) -> tuple[Timed, dict[str, float]]:
    from python_calamine import CalamineWorkbook

    def read() -> None:
        book = CalamineWorkbook.from_path(file)
        for name in book.sheet_names:
            for _ in book.get_sheet_by_name(name).iter_rows():
                pass

    return _timed(read), {}


def _insert(rows: str) -> tuple[Timed, dict[str, float]]:
    """All rows in one transaction; they are deleted afterwards."""
    from django.db import transaction

    from campaign.models import Campaign
    from core.bulk import insert_rows
    from organisation.models import Area
    from visits.choices import TargetKind
    from visits.models import Target
    from visits.register.rows import Entry
    from visits.services.register import COLUMNS, Sealing

    sealing = Sealing(Campaign.objects.get(), TargetKind.HOUSEHOLD)
    areas = dict(Area.objects.values_list("code", "pk"))
    sealed = [
        sealing.row(
            Entry(0, str(code), str(name), areas[str(v)], str(address), int(members), phone=str(p))
        )
        for code, name, _, v, address, p, members in households(int(rows))
    ]

    def insert() -> None:
        for start in range(0, len(sealed), BATCH):
            insert_rows(Target, COLUMNS, sealed[start : start + BATCH])

    timed = _timed(transaction.atomic(insert))
    Target.objects.all()._raw_delete("default")
    return timed, {}


def _upload(file: str) -> tuple[Timed, dict[str, float]]:
    from campaign.models import Campaign
    from organisation.models import User
    from visits.choices import TargetKind
    from visits.services import upload_register

    made = []

    def send() -> None:
        with Path(file).open("rb") as content:
            made.append(
                upload_register(
                    campaign=Campaign.objects.get(),
                    kind=TargetKind.HOUSEHOLD,
                    name="register.xlsx",
                    content=content,
                    actor=User.objects.get(username="office"),
                )
            )

    return _timed(send), {"key": made[0].pk} if made else {}


def _check(key: str) -> tuple[Timed, dict[str, float]]:
    from visits.models import RegisterUpload
    from visits.tasks import check_register

    upload = RegisterUpload.objects.get(pk=key)
    timed = _timed(lambda: check_register(job_id=str(upload.job_id)))
    return timed, _figures(key, "checked")


def _apply(key: str) -> tuple[Timed, dict[str, float]]:
    from visits.models import RegisterUpload
    from visits.services import request_apply
    from visits.tasks import apply_register

    upload = RegisterUpload.objects.get(pk=key)
    job = request_apply(upload=upload, actor=upload.uploaded_by)
    return _timed(lambda: apply_register(job_id=str(job.pk))), _figures(key, "applied")


def _figures(key: str, state: str) -> dict[str, float]:
    from visits.models import RegisterUpload

    upload = RegisterUpload.objects.get(pk=key)
    assert upload.state == state, (upload.state, upload.report, upload.job and upload.job.message)
    return {"new": upload.report["new"], "known": upload.report["known"]}


def _other(file: str, how: str) -> tuple[Timed, dict[str, float]]:
    """django-import-export, as its manual says: transactions, bulk, no differences, no log.

    Only adding it asks for no row, and the same file again would double the register.
    """
    from django.db import transaction
    from import_export import fields, resources, widgets
    from import_export.formats.base_formats import XLSX

    from campaign.models import Campaign
    from organisation.models import Area
    from visits.models import Target

    campaign = Campaign.objects.get()

    class Households(resources.ModelResource):  # type: ignore[misc]
        code = fields.Field("code", "户编号")
        name = fields.Field("name", "户主姓名")
        area = fields.Field("area", "村（社区）", widgets.ForeignKeyWidget(Area, "code"))
        address = fields.Field("address", "地址")
        phone = fields.Field("phone", "联系电话")
        members = fields.Field("members", "常住人口", widgets.IntegerWidget())

        class Meta:
            model = Target
            import_id_fields = ("code",)
            fields = ("code", "name", "area", "address", "phone", "members")
            use_bulk = True
            batch_size = 1000
            skip_diff = True
            skip_unchanged = False
            force_init_instance = how == "only adding"

        def before_import_row(self, row, **kwargs):  # type: ignore[no-untyped-def]
            row["户编号"] = f"X{row['户编号']}"[:24]

        def before_save_instance(self, instance, row, **kwargs):  # type: ignore[no-untyped-def]
            instance.campaign, instance.kind = campaign, "household"

    def work() -> None:
        data = XLSX().create_dataset(Path(file).read_bytes())
        with transaction.atomic():
            result = Households().import_data(data, use_transactions=True, raise_errors=True)
            assert result.totals["new"] == COMPARED, result.totals
            transaction.set_rollback(True)

    return _timed(work), {}


_STEPS = {
    "calamine": _calamine,
    "insert": _insert,
    "upload": _upload,
    "check": _check,
    "apply": _apply,
    "other": _other,
}

if __name__ == "__main__":
    if sys.argv[1] == "step":
        step(*sys.argv[2:])
    else:
        main(int(sys.argv[1]))
