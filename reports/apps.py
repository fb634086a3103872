from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "报告"

    def ready(self) -> None:
        from campaign import archiving
        from core import jobs
        from reports import archive
        from reports.queries.progress import still_readable
        from reports.services import PROGRESS_KIND

        jobs.deliver_if(PROGRESS_KIND, still_readable)
        archiving.archive_with(self.verbose_name, archive.PART)
