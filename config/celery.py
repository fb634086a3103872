"""The Celery application; tasks live in each app's ``tasks.py``."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TRANSPORT_ALIASES["filesystem"] = "config.filequeue:Transport"

app = Celery("bianfang")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
