from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    verbose_name = "三评议"

    def ready(self) -> None:
        from campaign import archiving, watchers
        from campaign.choices import Watch
        from core import jobs
        from evaluations import archive
        from evaluations.queries import units_rated
        from evaluations.rules import still_manages
        from evaluations.services import PRINT_JOB

        jobs.deliver_if(PRINT_JOB, still_manages)
        watchers.watch_with(Watch.ROUND_CLOSED, units_rated)
        archiving.archive_with(self.verbose_name, archive.PART)
