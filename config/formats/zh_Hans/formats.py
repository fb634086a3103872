"""Dates as official documents write them, numbers as statistics do."""

DATE_FORMAT = "Y年n月j日"
SHORT_DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y年n月j日 H:i"
SHORT_DATETIME_FORMAT = "Y-m-d H:i"
# Statistics are written 12,345; Django's Chinese formats group by four.
NUMBER_GROUPING = 3
THOUSAND_SEPARATOR = ","
