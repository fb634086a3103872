"""Routes of visits."""

from django.urls import path

from visits.views import appeals, register, search, target, visit

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
    path("appeals/", appeals.appeal_list, name="appeal-list"),
    path("appeals/search/", appeals.appeal_search, name="appeal-search"),
    path("appeals/rates/", appeals.appeal_rates, name="appeal-rates"),
    path("appeals/<int:pk>/", appeals.appeal_detail, name="appeal-detail"),
    path("appeals/<int:pk>/steps/<slug:name>/", appeals.appeal_step, name="appeal-step"),
    path("appeals/<int:pk>/calls/", appeals.appeal_call, name="appeal-call"),
    path("appeals/<int:pk>/days/", appeals.appeal_ask_days, name="appeal-ask-days"),
    path("appeals/<int:pk>/days/decide/", appeals.appeal_decide_days, name="appeal-decide-days"),
    path("appeals/<int:pk>/merge/", appeals.appeal_merge, name="appeal-merge"),
    path("register/", register.register_import, name="register-import"),
    path("register/villages/", register.register_villages, name="register-villages"),
    path("register/template/<slug:kind>/", register.register_template, name="register-template"),
    path("register/uploads/<int:pk>/", register.register_upload, name="register-upload"),
    path("register/uploads/<int:pk>/apply/", register.register_apply, name="register-apply"),
]
