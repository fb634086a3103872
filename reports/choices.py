"""Choices of reports."""

from django.db.models import TextChoices


class FileFormat(TextChoices):
    XLSX = "xlsx", "Excel"
    PDF = "pdf", "PDF"
