from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = "遍访"

    def ready(self) -> None:
        from campaign import archiving, watchers
        from campaign.choices import Watch
        from core import calendar_moves, jobs
        from core.notices.reminders import remind_with
        from visits import archive
        from visits.queries import covered
        from visits.queries.appeal_reminders import APPEAL_DUE, APPEAL_WAITS
        from visits.queries.left import still_listed
        from visits.queries.picture import still_readable
        from visits.rules import dispatches_appeals, still_imports
        from visits.services import recompute_all
        from visits.services.days import EXPORT
        from visits.services.hotline import APPLY_HOTLINE, CHECK_HOTLINE
        from visits.services.left import EXPORT_LEFT
        from visits.services.paper import APPLY_PAPER, CHECK_PAPER, still_enters
        from visits.services.upload import APPLY, CHECK

        jobs.deliver_if(CHECK, still_imports)
        jobs.deliver_if(APPLY, still_imports)
        jobs.deliver_if(CHECK_PAPER, still_enters)
        jobs.deliver_if(APPLY_PAPER, still_enters)
        jobs.deliver_if(EXPORT, still_readable)
        for kind in (CHECK_HOTLINE, APPLY_HOTLINE):
            jobs.deliver_if(kind, lambda person, job: dispatches_appeals(person))
        jobs.deliver_if(EXPORT_LEFT, still_listed)
        watchers.watch_with(Watch.COVERAGE, covered)
        calendar_moves.recompute_with(recompute_all, name="诉求", measure="件")
        remind_with("appeal", APPEAL_DUE)
        remind_with("appeal_waits", APPEAL_WAITS)
        archiving.archive_with(self.verbose_name, archive.PART)
