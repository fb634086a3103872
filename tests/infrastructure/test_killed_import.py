"""Kill -9 in the middle of a register's import: nothing is left of it, and it can go on."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = 4_000
BEGIN = """
import os, sys, json, time
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from visits.models import RegisterUpload, Target
"""
FILL = f"""
from pathlib import Path
from django.conf import settings
from bench.register import _check, _county, _upload
from bench.register_file import write
from visits.services import request_apply
file = Path(settings.VAR_DIR) / "register.xlsx"
write({ROWS}, file)
_county({ROWS})
_check(str(_upload(str(file))[1]["key"]))
upload = RegisterUpload.objects.get()
request_apply(upload=upload, actor=upload.uploaded_by)
"""
APPLY = """
from visits.services import register
from visits.tasks import apply_register
real = register.insert_rows
def told(*arguments):
    real(*arguments)
    print("batch", flush=True)
    time.sleep(float(sys.argv[1]))
register.insert_rows = told
apply_register(job_id=str(RegisterUpload.objects.get().job_id))
"""
LATER = """
from datetime import timedelta
from django.utils import timezone
from core.models import Job
Job.objects.filter(state="running").update(lease_until=timezone.now() - timedelta(1))
"""
STATE = """
from campaign.models import Campaign
from visits.services import recount_coverage
upload = RegisterUpload.objects.select_related("job").get()
print(json.dumps([
    upload.state, upload.job.state, Target.objects.count(),
    recount_coverage(campaign=Campaign.objects.get()),
]))
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    own = {k: v for k, v in os.environ.items() if not k.startswith("BIANFANG_")}
    (tmp_path / "static").mkdir()
    made = own | {"BIANFANG_VAR": str(tmp_path)}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=made,
        check=True,
    )
    return made


def script(environment: dict[str, str], text: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + text, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_killed_import_leaves_nothing_and_goes_on(environment: dict[str, str]) -> None:
    script(environment, FILL)
    with subprocess.Popen(
        [sys.executable, "-c", BEGIN + APPLY, "600"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as working:
        assert working.stdout is not None
        assert working.stdout.readline() == "batch\n", "its first batch is in the transaction"
        os.kill(working.pid, signal.SIGKILL)
    assert json.loads(script(environment, STATE)) == ["checked", "running", 0, 0]
    script(environment, LATER + APPLY, "0")
    assert json.loads(script(environment, STATE)) == ["applied", "done", ROWS, 0]
    script(environment, APPLY, "0")
    assert json.loads(script(environment, STATE)) == ["applied", "done", ROWS, 0]
