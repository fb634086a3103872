"""Routes of visits."""

from django.urls import path

from visits.views import register, search, target, visit

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
    path("register/", register.register_import, name="register-import"),
    path("register/villages/", register.register_villages, name="register-villages"),
    path("register/template/<slug:kind>/", register.register_template, name="register-template"),
    path("register/uploads/<int:pk>/", register.register_upload, name="register-upload"),
    path("register/uploads/<int:pk>/apply/", register.register_apply, name="register-apply"),
    path("register/uploads/<int:pk>/cancel/", register.register_cancel, name="register-cancel"),
]
