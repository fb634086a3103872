"""The rows written so far get numbers without gaps, and the chain begins with them."""

from django.conf import settings
from django.db import migrations

from core.audit_chain import seal

BATCH = 1000


def chain(apps, schema_editor):
    """Batch by batch in the old order; a new number is never above the old one."""
    AuditEntry = apps.get_model("core", "AuditEntry")
    AuditHead = apps.get_model("core", "AuditHead")
    head = AuditHead(number=0, hash="")
    last = 0
    while batch := list(AuditEntry.objects.filter(id__gt=last).order_by("id")[:BATCH]):
        last = batch[-1].id
        AuditEntry.objects.filter(id__in=[entry.id for entry in batch]).delete()
        for entry in batch:
            seal(entry, number=head.number + 1, previous=head.hash, algorithm=settings.AUDIT_HASH)
            head.number, head.hash = entry.id, entry.hash
        AuditEntry.objects.bulk_create(batch)
    head.save()


class Migration(migrations.Migration):
    dependencies = [("core", "0002_audit_chain")]
    operations = [
        migrations.RunPython(
            chain, lambda apps, editor: apps.get_model("core", "AuditHead").objects.all().delete()
        )
    ]
