"""Kill -9 of the worker at a register: in the check, in the sealing, in the insert.

When a worker is there again it goes on by itself, and until then nothing is registered.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.processes import CELERY, ROOT, Process

ROWS = 2_000
SECONDS = 120  # from the kill to the end, at most; a busy machine starts a worker in 20
BEGIN = """
import json, sys
from pathlib import Path
import django
django.setup()
from django.conf import settings
from django.test import Client
from django.urls import reverse
from core import jobs
from core.models import AuditEntry, Job
from campaign.models import Campaign
from visits.models import RegisterUpload, Target
from visits.services import recount_coverage, request_apply
from visits.tasks import check_register
"""
FILL = f"""
from core.management.commands.serve import _make_folders
_make_folders()
from bench.register import _county
from bench.register_file import write
write({ROWS}, Path(settings.VAR_DIR) / "register.xlsx")
_county({ROWS})
from organisation.models import SecurityPolicy
SecurityPolicy.objects.create(second_factor=False)
"""
UPLOAD = """
from bench.register import _upload
_upload(str(Path(settings.VAR_DIR) / "register.xlsx"))
"""
CONFIRM = """
upload = RegisterUpload.objects.get()
if upload.state == "uploaded":
    check_register(job_id=str(upload.job_id))
upload.refresh_from_db()
request_apply(upload=upload, actor=upload.uploaded_by)
"""
AGAIN = """
from visits.tasks import apply_register
apply_register(job_id=str(RegisterUpload.objects.get().job_id))
"""
GIVE_UP = """
from datetime import timedelta
from django.utils import timezone
Job.objects.filter(state="running").update(
    attempts=settings.JOB_ATTEMPTS, lease_until=timezone.now() - timedelta(1)
)
jobs.sweep()
"""
STATE = """
upload = RegisterUpload.objects.select_related("job", "uploaded_by").get()
settings.ALLOWED_HOSTS = ["*"]
client = Client()
client.force_login(upload.uploaded_by)
answer = client.get(reverse("visits:register-upload", args=[upload.pk]), follow=True)
print(json.dumps({
    "state": upload.state, "job": upload.job.state, "targets": Target.objects.count(),
    "faults": recount_coverage(campaign=Campaign.objects.get()),
    "applied": AuditEntry.objects.filter(act="visits.apply_register").count(),
    "page": answer.content.decode(),
}))
"""
Environment = dict[str, str]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county and a file, of which every test gets a copy."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "static").mkdir()
    made = environment_in(folder)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=made,
        check=True,
    )
    script(made, FILL)
    return folder


@pytest.fixture
def environment(filled: Path, tmp_path: Path) -> Environment:
    folder = tmp_path / "var"
    shutil.copytree(filled, folder)
    return environment_in(folder)


def environment_in(folder: Path) -> Environment:
    own = {k: v for k, v in os.environ.items() if not k.startswith("BIANFANG_")}
    return own | {
        "BIANFANG_VAR": str(folder),
        "DJANGO_SETTINGS_MODULE": "tests.killed.settings",
        "PYTHONPATH": str(ROOT),
    }


def script(environment: Environment, text: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + text],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def worker(environment: Environment, stop_at: str = "") -> Iterator[Process]:
    folder = Path(environment["BIANFANG_VAR"])
    command = [*CELERY, "worker", "--pool", "solo", "--loglevel", "WARNING"]
    made = Process("worker", command, folder / "worker.log", environment | {"STOP_AT": stop_at})
    made.start()
    try:
        yield made
    finally:
        made.kill()


@contextmanager
def clock(environment: Environment) -> Iterator[None]:
    folder = Path(environment["BIANFANG_VAR"])
    own = ["--schedule", str(folder / "schedule"), "--pidfile=", "--max-interval", "1"]
    command = [*CELERY, "beat", "--loglevel", "WARNING", *own]
    made = Process("beat", command, folder / "beat.log", environment)
    made.start()
    try:
        yield
    finally:
        made.kill()


def killed(environment: Environment, stop_at: str) -> None:
    """A worker that was killed when it got there."""
    held = Path(environment["BIANFANG_VAR"]) / "held"
    with worker(environment, stop_at) as working:
        deadline = time.monotonic() + SECONDS
        while not held.exists():
            assert time.monotonic() < deadline, working.log.read_text()
            time.sleep(0.1)


def ended(environment: Environment, state: str) -> dict[str, object]:
    """What there is when worker and clock are back and the upload has come so far."""
    begin = time.monotonic()
    with worker(environment) as working, clock(environment):
        while (found := state_of(environment))["state"] != state:
            assert time.monotonic() < begin + SECONDS, working.log.read_text()
            time.sleep(1)
    return found


def state_of(environment: Environment) -> dict[str, object]:
    found: dict[str, object] = json.loads(script(environment, STATE))
    return found


def numbers(found: dict[str, object]) -> tuple[object, ...]:
    return tuple(found[name] for name in ("state", "job", "targets", "faults", "applied"))


def test_killed_in_the_check(environment: Environment) -> None:
    script(environment, UPLOAD)
    killed(environment, "check")
    found = state_of(environment)
    assert numbers(found) == ("uploaded", "running", 0, 0, 0)
    assert "正在检查" in str(found["page"])
    found = ended(environment, "checked")
    assert numbers(found) == ("checked", "done", 0, 0, 0)
    assert "检查通过，还没有写入" in str(found["page"])
    assert "确认导入 2,000 条" in str(found["page"])


@pytest.mark.parametrize("point", ["sealing", "insert"])
def test_killed_in_the_import(environment: Environment, point: str) -> None:
    script(environment, UPLOAD + CONFIRM)
    killed(environment, point)
    found = state_of(environment)
    assert numbers(found) == ("checked", "running", 0, 0, 0), "nothing of it"
    assert "正在导入" in str(found["page"])
    found = ended(environment, "applied")
    assert numbers(found) == ("applied", "done", ROWS, 0, 1), "all of it, once"
    assert "已导入 2,000 条" in str(found["page"])
    script(environment, AGAIN)
    assert numbers(state_of(environment)) == ("applied", "done", ROWS, 0, 1), "and not again"


def test_killed_again_and_again(environment: Environment) -> None:
    """Then it is given up, the page says so, and it can be confirmed anew."""
    script(environment, UPLOAD + CONFIRM)
    killed(environment, "insert")
    script(environment, GIVE_UP)
    found = state_of(environment)
    assert numbers(found) == ("checked", "failed", 0, 0, 0)
    assert "没有生成结果" in str(found["page"])
    assert "检查通过，还没有写入" in str(found["page"])
    script(environment, CONFIRM)
    assert numbers(ended(environment, "applied")) == ("applied", "done", ROWS, 0, 1)


def test_without_the_transaction_half_of_it_would_stay(environment: Environment) -> None:
    """The control: a kill at this point is one that leaves something."""
    script(environment, UPLOAD + CONFIRM)
    killed(environment, "careless")
    assert 0 < int(str(state_of(environment)["targets"])) < ROWS
