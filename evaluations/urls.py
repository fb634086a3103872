"""Routes of evaluations: the office's rounds, and the public pages of the raters."""

from django.urls import path

from evaluations.views import rating, rounds

app_name = "evaluations"
urlpatterns = [
    path("rounds/", rounds.round_list, name="round-list"),
    path("rounds/new/", rounds.round_create, name="round-create"),
    path("rounds/<int:pk>/", rounds.round_detail, name="round-detail"),
    path("rounds/<int:pk>/groups/", rounds.round_groups, name="round-groups"),
    path("rounds/<int:pk>/codes/<str:group>/", rounds.round_codes, name="round-codes"),
    path("rounds/<int:pk>/open/", rounds.round_open, name="round-open"),
    path("rounds/<int:pk>/close/", rounds.round_close, name="round-close"),
    path("rate/", rating.rate, name="rate"),
    path("rate/ballot/", rating.ballot, name="ballot"),
    path("rate/thanks/", rating.thanks, name="thanks"),
]
