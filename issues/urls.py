"""Routes of problem items."""

from django.urls import path

from issues import views

app_name = "issues"
urlpatterns = [
    path("", views.issue_list, name="issue-list"),
    path("search/", views.issue_search, name="issue-search"),
    path("new/", views.issue_create, name="issue-create"),
    path("<int:pk>/", views.issue_detail, name="issue-detail"),
    path("<int:pk>/edit/", views.issue_update, name="issue-update"),
    path("<int:pk>/moves/<slug:name>/", views.issue_move, name="issue-move"),
    path("<int:pk>/evidence/", views.evidence_add, name="evidence-add"),
    path("<int:pk>/evidence/<int:evidence_pk>/", views.evidence_file, name="evidence-file"),
]
