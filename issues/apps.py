from django.apps import AppConfig


class IssuesConfig(AppConfig):
    name = "issues"
    verbose_name = "问题整改"

    def ready(self) -> None:
        from campaign import archiving, watchers
        from campaign.choices import Watch
        from core.notices.reminders import remind_with
        from issues import archive
        from issues.queries import watched
        from issues.queries.reminders import RECTIFICATION

        watchers.watch_with(Watch.OWN_LIST, watched.people_with_a_list)
        watchers.watch_with(Watch.CADRE_LISTS, watched.units_of_listed_people)
        watchers.watch_with(Watch.UNIT_LIST, watched.units_with_a_filed_list)
        remind_with("rectification", RECTIFICATION)
        archiving.archive_with(self.verbose_name, archive.PART)
