"""From here on the database refuses to change or delete an audit row."""

from django.db import migrations

from core.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("core", "0003_chain_audit_rows")]
    operations = [guard("core_auditentry")]
