"""Routes of reports."""

from django.urls import path

from reports.views import home, progress, status

app_name = "reports"
urlpatterns = [
    path("", home.home, name="home"),
    path("progress/", progress.show, name="progress"),
    path("progress/export/", progress.export, name="progress-export"),
    path("status/", status.show, name="status"),
    path("status/now/", status.now, name="status-now"),
    path("exports/", progress.export_list, name="export-list"),
    path("exports/<uuid:pk>/retry/", progress.export_retry, name="export-retry"),
]
