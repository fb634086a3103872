from django.apps import AppConfig


class CampaignConfig(AppConfig):
    name = "campaign"
    verbose_name = "专项行动"

    def ready(self) -> None:
        from campaign import archive, archiving, watchers
        from campaign.choices import Watch
        from campaign.queries import watched
        from campaign.queries.deadlines import dues_visible_to
        from campaign.queries.reminders import STAGE_TASK, STAGE_TASKS
        from campaign.services import recompute_all
        from core import calendar_moves
        from core.notices.reminders import remind_with

        watchers.watch_with(Watch.MOBILISED, watched.mobilised)
        watchers.watch_with(Watch.STUDIED, watched.studied)
        watchers.watch_with(Watch.INSTITUTION, watched.has_institution)
        calendar_moves.recompute_with(
            recompute_all, name="阶段任务", measure="项", show=dues_visible_to
        )
        remind_with(STAGE_TASKS, STAGE_TASK)
        archiving.archive_with(self.verbose_name, archive.PART)
