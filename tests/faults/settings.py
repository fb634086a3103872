"""The product's settings with a short lease, a quick clock and all day to tell."""

import os
from datetime import time

from config.settings import *  # noqa: F403, TID251 -- these are settings themselves
from config.settings import INSTALLED_APPS  # noqa: TID251

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults"]
TELLING_HOURS = (time(0), time(23, 59))
TELLING_LEASE_SECONDS = 3
CELERY_BEAT_SCHEDULE = {
    "tell": {"task": "faults.tell", "schedule": 0.3, "options": {"queue": "notices", "expires": 5}}
}
CELERY_TASK_ROUTES = {"faults.*": {"queue": "notices"}}
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ.get("FAULTS_MAIL_PORT", "25"))
