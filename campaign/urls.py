"""Routes of campaigns."""

from django.urls import path

from campaign.views import activities, archive, calendar, campaigns, lists, stages, tasks

app_name = "campaign"
urlpatterns = [
    path("", campaigns.overview, name="overview"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/template/", calendar.calendar_template, name="calendar-template"),
    path("calendar/upload/", calendar.calendar_upload, name="calendar-upload"),
    path("calendar/land/", calendar.calendar_land, name="calendar-land"),
    path("calendar/closure/", calendar.calendar_closure, name="calendar-closure"),
    path("calendar/close/", calendar.calendar_close, name="calendar-close"),
    path("calendar/reopen/", calendar.calendar_reopen, name="calendar-reopen"),
    path("all/", campaigns.campaign_list, name="campaign-list"),
    path("new/", campaigns.campaign_choose, name="campaign-choose"),
    path("new/<slug:blueprint>/", campaigns.campaign_create, name="campaign-create"),
    path("<int:pk>/", campaigns.campaign_detail, name="campaign-detail"),
    path("<int:pk>/choose/", campaigns.campaign_work, name="campaign-work"),
    path("<int:pk>/archive/", archive.archive, name="archive"),
    path("<int:pk>/totals/", archive.totals_file, name="totals-file"),
    path("<int:pk>/copy/", campaigns.campaign_copy, name="campaign-copy"),
    path("<int:pk>/dates/", stages.dates, name="dates"),
    path("<int:pk>/lists/", lists.term_lists, name="term-lists"),
    path("<int:pk>/lists/<int:taxonomy>/", lists.term_list_update, name="term-list-update"),
    path("<int:pk>/participants/", lists.participants, name="participants"),
    path(
        "<int:pk>/participants/<int:unit>/leave/",
        lists.participant_leave,
        name="participant-leave",
    ),
    path("<int:pk>/units/", campaigns.unit_list, name="unit-list"),
    path("<int:pk>/units/<int:unit>/", campaigns.unit_detail, name="unit-detail"),
    path(
        "<int:pk>/units/<int:unit>/activities/new/",
        activities.activity_create,
        name="activity-create",
    ),
    path(
        "<int:pk>/units/<int:unit>/institutions/new/",
        activities.institution_create,
        name="institution-create",
    ),
    path("<int:pk>/stages/<slug:kind>/", stages.stage_detail, name="stage-detail"),
    path("<int:pk>/stages/<slug:kind>/end/", stages.stage_end, name="stage-end"),
    path("<int:pk>/stages/<slug:kind>/resume/", stages.stage_resume, name="stage-resume"),
    path("<int:pk>/stages/<slug:kind>/tasks/new/", tasks.task_create, name="task-create"),
    path("<int:pk>/tasks/<int:task>/edit/", tasks.task_update, name="task-update"),
    path("<int:pk>/tasks/<int:task>/remove/", tasks.task_remove, name="task-remove"),
    path("tasks/<int:task>/done/", tasks.task_tell, name="task-tell"),
    path("tasks/<int:task>/done/<int:unit>/", tasks.task_tell, name="task-tell-unit"),
    path("done/<int:done>/back/", tasks.task_take_back, name="task-take-back"),
    path("done/<int:done>/file/", tasks.task_file, name="task-file"),
    path("activities/<int:activity>/file/", activities.activity_file, name="activity-file"),
    path("activities/<int:activity>/remove/", activities.activity_remove, name="activity-remove"),
    path(
        "institutions/<int:institution>/remove/",
        activities.institution_remove,
        name="institution-remove",
    ),
]
