"""The product's settings with a short visibility timeout, a quick clock and all day to tell."""

import os
from datetime import time

from config.settings import *  # noqa: F403, TID251 -- these are settings themselves
from config.settings import CELERY_BROKER_TRANSPORT_OPTIONS, INSTALLED_APPS  # noqa: TID251

SECONDS = 3
INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults"]
TELLING_HOURS = (time(0), time(23, 59))
TELLING_LEASE_SECONDS = SECONDS
CELERY_BROKER_TRANSPORT_OPTIONS = CELERY_BROKER_TRANSPORT_OPTIONS | {"visibility_timeout": SECONDS}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": SECONDS}
CELERY_VISIBILITY_TIMEOUT = SECONDS
CELERY_BEAT_SCHEDULE = {
    "tell": {"task": "faults.tell", "schedule": 0.3, "options": {"queue": "notices", "expires": 5}}
}
CELERY_TASK_ROUTES = {"faults.*": {"queue": "notices"}}
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ.get("FAULTS_MAIL_PORT", "25"))
