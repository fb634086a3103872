"""The WSGI door. Tasks are read at the start, so that no request pays for it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from config.celery import app as celery_app  # noqa: E402

celery_app.loader.import_default_modules()
