"""Signs of life."""

from django.db import models


class Pulse(models.Model):
    """When something was last carried out that goes on by itself; one row for each name."""

    CLOCK = "beat"  # the clock said so and a worker did it

    name = models.CharField("名称", max_length=20, primary_key=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "心跳"
