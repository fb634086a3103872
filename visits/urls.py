"""Routes of visits."""

from django.urls import path

from visits.views import correction, coverage, lease, register, search, target, teams, visit

app_name = "visits"
urlpatterns = [
    path("", visit.target_list, name="target-list"),
    path("search/", search.target_search, name="target-search"),
    path("targets/<int:pk>/", target.target_detail, name="target-detail"),
    path("targets/<int:pk>/reveal/", target.target_reveal, name="target-reveal"),
    path("targets/<int:pk>/visit/", visit.visit_create, name="visit-create"),
    path("targets/<int:pk>/take/", lease.target_take, name="target-take"),
    path("targets/<int:pk>/give-back/", lease.target_give_back, name="target-give-back"),
    path("log/", visit.visit_list, name="visit-list"),
    path("log/search/", search.visit_search, name="visit-search"),
    path("log/<int:pk>/", visit.visit_detail, name="visit-detail"),
    path("coverage/", coverage.coverage, name="coverage"),
    path("coverage/export/", coverage.coverage_export, name="coverage-export"),
    path("log/<int:pk>/correct/", correction.visit_correct, name="visit-correct"),
    path("teams/", teams.team_list, name="team-list"),
    path("teams/search/", teams.team_search, name="team-search"),
    path("teams/new/", teams.team_create, name="team-create"),
    path("teams/<int:pk>/", teams.team_detail, name="team-detail"),
    path("teams/<int:pk>/change/", teams.team_update, name="team-update"),
    path("teams/<int:pk>/dissolve/", teams.team_dissolve, name="team-dissolve"),
    path("register/", register.register_import, name="register-import"),
    path("register/villages/", register.register_villages, name="register-villages"),
    path("register/template/<slug:kind>/", register.register_template, name="register-template"),
    path("register/uploads/<int:pk>/", register.register_upload, name="register-upload"),
    path("register/uploads/<int:pk>/apply/", register.register_apply, name="register-apply"),
    path("register/uploads/<int:pk>/cancel/", register.register_cancel, name="register-cancel"),
]
