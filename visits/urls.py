"""Routes of visits."""

from django.urls import path

from visits.views import visit

app_name = "visits"
urlpatterns = [
    path("", visit.target_list, name="target-list"),
    path("targets/<int:pk>/visit/", visit.visit_create, name="visit-create"),
    path("log/", visit.visit_list, name="visit-list"),
    path("log/<int:pk>/", visit.visit_detail, name="visit-detail"),
]
