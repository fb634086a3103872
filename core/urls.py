"""Routes of core."""

from django.urls import path

from core import channel_views, views

app_name = "core"
urlpatterns = [
    path("healthz", views.health, name="health"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read-all/", views.read_all_notices, name="read-all-notices"),
    path("inbox/channels/", channel_views.channel_list, name="channel-list"),
    path("inbox/channels/<slug:kind>/", channel_views.channel_set, name="channel-set"),
    path("inbox/channels/<slug:kind>/try/", channel_views.channel_try, name="channel-try"),
    path(
        "inbox/channels/<slug:kind>/again/",
        channel_views.channel_send_again,
        name="channel-send-again",
    ),
    path("inbox/channels/<slug:kind>/drop/", channel_views.channel_drop, name="channel-drop"),
    path("inbox/<int:pk>/", views.open_notice, name="open-notice"),
    path("inbox/lines/<int:pk>/", views.open_reminder, name="open-reminder"),
    path("jobs/<uuid:pk>/", views.job_status, name="job-status"),
    path("jobs/<uuid:pk>/file/", views.job_file, name="job-file"),
    path("jobs/<uuid:pk>/take/", views.take_file, name="take-file"),
]
