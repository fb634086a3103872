"""Routes of core."""

from django.urls import path

from core import views

app_name = "core"
urlpatterns = [
    path("healthz", views.health, name="health"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read-all/", views.read_all_notices, name="read-all-notices"),
    path("inbox/<int:pk>/", views.open_notice, name="open-notice"),
    path("jobs/<uuid:pk>/", views.job_status, name="job-status"),
    path("jobs/<uuid:pk>/file/", views.job_file, name="job-file"),
    path("jobs/<uuid:pk>/take/", views.take_file, name="take-file"),
]
