"""The product's settings with a short lease and a quick clock."""

from config.settings import *  # noqa: F403, TID251 -- these are settings themselves
from config.settings import INSTALLED_APPS, STORAGES  # noqa: TID251

INSTALLED_APPS = [*INSTALLED_APPS, "tests.killed"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
JOB_LEASE_SECONDS = 6
CELERY_BEAT_SCHEDULE = {
    "sweep-jobs": {"task": "core.sweep_jobs", "schedule": 1.0, "options": {"expires": 5}}
}
