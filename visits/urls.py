"""Routes of visits."""

from django.urls import path

from visits.views import coverage, entries, register, search, target, visit

app_name = "visits"
urlpatterns = [
    path("", visit.target_list, name="target-list"),
    path("search/", search.target_search, name="target-search"),
    path("targets/<int:pk>/", target.target_detail, name="target-detail"),
    path("targets/<int:pk>/reveal/", target.target_reveal, name="target-reveal"),
    path("targets/<int:pk>/visit/", visit.visit_create, name="visit-create"),
    path("log/", visit.visit_list, name="visit-list"),
    path("log/search/", search.visit_search, name="visit-search"),
    path("log/<int:pk>/", visit.visit_detail, name="visit-detail"),
    path("coverage/", coverage.coverage, name="coverage"),
    path("coverage/export/", coverage.coverage_export, name="coverage-export"),
    path("register/", register.register_import, name="register-import"),
    path("register/freeze/", entries.freeze, name="freeze"),
    path("register/entries/", entries.entry_list, name="entry-list"),
    path("register/entries/search/", entries.entry_search, name="entry-search"),
    path("register/entries/<int:pk>/", entries.entry_detail, name="entry-detail"),
    path("register/entries/<int:pk>/<slug:act>/", entries.entry_change, name="entry-change"),
    path("register/villages/", register.register_villages, name="register-villages"),
    path("register/template/<slug:kind>/", register.register_template, name="register-template"),
    path("register/uploads/<int:pk>/", register.register_upload, name="register-upload"),
    path("register/uploads/<int:pk>/apply/", register.register_apply, name="register-apply"),
]
