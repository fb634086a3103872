"""Routes of visits."""

from django.urls import path

from visits.views import (
    appeals,
    correction,
    coverage,
    lease,
    register,
    search,
    target,
    teams,
    visit,
)

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
    path("appeals/", appeals.appeal_list, name="appeal-list"),
    path("appeals/search/", appeals.appeal_search, name="appeal-search"),
    path("appeals/rates/", appeals.appeal_rates, name="appeal-rates"),
    path("appeals/<int:pk>/", appeals.appeal_detail, name="appeal-detail"),
    path("appeals/<int:pk>/steps/<slug:name>/", appeals.appeal_step, name="appeal-step"),
    path("appeals/<int:pk>/calls/", appeals.appeal_call, name="appeal-call"),
    path("appeals/<int:pk>/days/", appeals.appeal_ask_days, name="appeal-ask-days"),
    path("appeals/<int:pk>/days/decide/", appeals.appeal_decide_days, name="appeal-decide-days"),
    path("appeals/<int:pk>/merge/", appeals.appeal_merge, name="appeal-merge"),
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
