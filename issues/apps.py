from django.apps import AppConfig


class IssuesConfig(AppConfig):
    name = "issues"
    verbose_name = "问题整改"

    def ready(self) -> None:
        from campaign import watchers
        from campaign.choices import Watch
        from issues import queries

        watchers.watch_with(Watch.OWN_LIST, queries.people_with_a_list)
        watchers.watch_with(Watch.CADRE_LISTS, queries.units_of_listed_people)
        watchers.watch_with(Watch.UNIT_LIST, queries.units_with_a_filed_list)
