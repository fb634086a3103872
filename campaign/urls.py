"""Routes of campaigns."""

from django.urls import path

from campaign.views import calendar

app_name = "campaign"
urlpatterns = [
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/template/", calendar.calendar_template, name="calendar-template"),
    path("calendar/upload/", calendar.calendar_upload, name="calendar-upload"),
    path("calendar/land/", calendar.calendar_land, name="calendar-land"),
    path("calendar/close/", calendar.calendar_close, name="calendar-close"),
    path("calendar/reopen/", calendar.calendar_reopen, name="calendar-reopen"),
]
